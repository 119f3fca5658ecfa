import type { NotebookPanel } from '@jupyterlab/notebook';
import { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';
import type { IEvent, IRunRow } from '../../api/documents';
import { lastRunsOfCells } from '../../api/runs';
import { servicePath } from '../../models/notebooks';
import type { IMLRunService } from '../../tokens';

function isNewer(row: IRunRow, known: IRunRow | undefined): boolean {
  return (
    !known ||
    known.uid === row.uid ||
    (row.start_time ?? '') >= (known.start_time ?? '')
  );
}

/** The last run of each cell of an open notebook. */
export class CellRuns implements IDisposable {
  constructor(
    private _service: IMLRunService,
    private _panel: NotebookPanel
  ) {
    _service.events.connect(this._onEvent, this);
    _service.resync.connect(() => void this.refresh(), this);
    _panel.context.pathChanged.connect(() => void this.refresh(), this);
  }

  /** Emitted when a cell's last run is another or has changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  /** The last run of a cell, or undefined. */
  get(cell: string): IRunRow | undefined {
    return this._rows.get(cell);
  }

  /** Read the last runs again. What is known stays when the service is away. */
  async refresh(): Promise<void> {
    const path = servicePath(this._panel.context.path);
    try {
      const rows = await lastRunsOfCells(this._service.settings, path);
      this._rows = new Map(Object.entries(rows));
      this._service.remember(Object.values(rows));
    } catch (reason) {
      console.warn('MLRun: the last runs of the cells were not read.', reason);
      return;
    }
    if (!this._disposed) {
      this._changed.emit();
    }
  }

  dispose(): void {
    if (!this._disposed) {
      this._disposed = true;
      Signal.clearData(this);
    }
  }

  private _onEvent(_: IMLRunService, event: IEvent): void {
    const row = event.summary;
    if (event.kind !== 'run') {
      return;
    }
    if (event.action === 'deleted' && !event.iter) {
      const held = [...this._rows.values()].some(run => run.uid === event.uid);
      if (held) {
        void this.refresh();
      }
    } else if (
      row?.iter === 0 &&
      row.cell_id &&
      row.notebook &&
      servicePath(row.notebook) === servicePath(this._panel.context.path) &&
      isNewer(row, this._rows.get(row.cell_id))
    ) {
      this._rows.set(row.cell_id, row);
      this._changed.emit();
    }
  }

  private _rows = new Map<string, IRunRow>();
  private _changed = new Signal<this, void>(this);
  private _disposed = false;
}
