import { CodeCell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import type { PanelLayout } from '@lumino/widgets';
import type { IRunRow } from '../../api/documents';
import { CellBadge } from './badge';
import { CellRuns } from './model';

const MARKED = 'jp-mlrun-hasRun';

/** The badges of one open notebook: one for each cell that has run. */
export class NotebookBadges implements IDisposable {
  constructor(
    readonly runs: CellRuns,
    private _panel: NotebookPanel,
    private _trans: TranslationBundle,
    private _open: (row: IRunRow) => void
  ) {
    runs.changed.connect(this._sync, this);
    _panel.content.modelContentChanged.connect(this._syncSoon, this);
    _panel.disposed.connect(() => this.dispose(), this);
    void _panel.context.ready.then(() => {
      if (!this.isDisposed) {
        void runs.refresh();
      }
    });
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  dispose(): void {
    if (!this._disposed) {
      this._disposed = true;
      this._badges.forEach(badge => badge.dispose());
      this._badges.clear();
      this.runs.dispose();
      Signal.clearData(this);
    }
  }

  private _syncSoon(): void {
    this._soon ||= requestAnimationFrame(() => {
      this._soon = 0;
      this._sync();
    });
  }

  private _sync(): void {
    if (this._disposed) {
      return;
    }
    const cells = new Set<CodeCell>();
    for (const cell of this._panel.content.widgets) {
      if (cell instanceof CodeCell) {
        cells.add(cell);
        this._show(cell, this.runs.get(cell.model.id));
      }
    }
    for (const [cell, badge] of this._badges) {
      if (!cells.has(cell)) {
        badge.dispose();
        this._badges.delete(cell);
      }
    }
  }

  private _show(cell: CodeCell, row: IRunRow | undefined): void {
    const badge = this._badges.get(cell);
    if (!row) {
      badge?.dispose();
      this._badges.delete(cell);
      cell.removeClass(MARKED);
    } else if (badge) {
      badge.row = row;
    } else {
      const made = new CellBadge(cell, row, this._trans, this._open);
      this._badges.set(cell, made);
      // a cell out of view has no input area yet
      void cell.ready.then(() => {
        if (!made.isDisposed && cell.inputArea) {
          (cell.inputArea.layout as PanelLayout).addWidget(made);
          cell.addClass(MARKED);
        }
      });
    }
  }

  private _badges = new Map<CodeCell, CellBadge>();
  private _soon = 0;
  private _disposed = false;
}
