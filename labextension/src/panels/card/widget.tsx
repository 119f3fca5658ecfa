import type { CodeCell } from '@jupyterlab/cells';
import { ReactWidget, UseSignal } from '@jupyterlab/apputils';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Message } from '@lumino/messaging';
import { Signal } from '@lumino/signaling';
import React from 'react';
import type { IRun } from '../../api/documents';
import { Boundary } from '../../components/boundary';
import { TranslationProvider } from '../../components/translation';
import { rowOf } from '../../models/run';
import { cellOf } from '../../models/cells';
import { isEdited } from '../../models/sha1';
import type { IMLRunService } from '../../tokens';
import type { CardActions } from './actions';
import { CardBody } from './body';
import { RUN_MIME, finalBundle, parseCard } from './bundle';
import { CardModel, CardSetting } from './model';
import { plainLine, stillCard } from './snapshot';

// the kernel writes the last word itself where it still can; the page waits for it
const KERNEL_FIRST = 1500;

/** What the page gives to its cards. */
export interface ICardContext {
  service: IMLRunService;
  actions: CardActions;
  trans: TranslationBundle;
  /** How cards are drawn after a load. */
  setting: () => CardSetting;
}

/** The output that shows a run as a card and keeps it live. */
export class RunCard extends ReactWidget implements IRenderMime.IRenderer {
  constructor(private _context: ICardContext) {
    super();
    this.addClass('jp-mlrun-cardOutput');
  }

  /** Show the run that an output names; the same run keeps its card. */
  async renderModel(mime: IRenderMime.IMimeModel): Promise<void> {
    this._mime = mime;
    const card = parseCard(mime.data[RUN_MIME]);
    const known = this._model?.run.ref;
    if (
      card &&
      known?.uid === card.ref.uid &&
      known.project === card.ref.project
    ) {
      this._model?.update(card);
      return;
    }
    this._model?.dispose();
    this._model = null;
    if (card) {
      const { service, setting } = this._context;
      this._model = new CardModel(service, card, setting());
      this._model.ended.connect(this._keep, this);
      this._model.changed.connect(this._watchCell, this);
      void this._model.open();
    }
    this.update();
    await this.renderPromise;
  }

  dispose(): void {
    if (!this.isDisposed) {
      this._model?.dispose();
      Signal.clearData(this);
      super.dispose();
    }
  }

  protected render() {
    const { trans, actions } = this._context;
    const model = this._model;
    return (
      <TranslationProvider value={trans}>
        <Boundary>
          {model ? (
            <UseSignal signal={model.changed}>
              {() => (
                <UseSignal signal={this._cellChanged}>
                  {() => (
                    <CardBody
                      model={model}
                      actions={actions}
                      edited={this._edited(model)}
                    />
                  )}
                </UseSignal>
              )}
            </UseSignal>
          ) : (
            <div className="jp-mlrun-card">
              {trans.__(
                'This output names no run. Run the cell again to get its card.'
              )}
            </div>
          )}
        </Boundary>
      </TranslationProvider>
    );
  }

  protected onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this._watchCell();
  }

  private _edited(model: CardModel): boolean {
    const source = this._cell?.model?.sharedModel.getSource();
    return source !== undefined && isEdited(source, model.row.cell_hash);
  }

  private _watchCell(): void {
    if (this._cell === null) {
      this._cell = cellOf(this);
      this._cell?.model.contentChanged.connect(
        () => this._cellChanged.emit(),
        this
      );
      if (this._cell) {
        this._cellChanged.emit();
      }
    }
  }

  /** Put the run's last word into the notebook, unless the kernel has done it. */
  private _keep(model: CardModel, ended: IRun): void {
    setTimeout(() => {
      // why the log is not whole is known after the end
      const { reason } = model.row;
      const run = { ...ended, status: { ...ended.status, reason } };
      const mime = this._mime;
      const saved = parseCard(mime?.data[RUN_MIME]);
      if (this.isDisposed || !mime || saved?.row.state === run.status.state) {
        return;
      }
      const row = rowOf(run);
      const { trans } = this._context;
      mime.setData({
        data: {
          ...mime.data,
          [RUN_MIME]: finalBundle(mime.data[RUN_MIME], run, model.tail),
          'text/html': stillCard(row, trans),
          'text/plain': plainLine(row, trans)
        }
      });
    }, KERNEL_FIRST);
  }

  private _model: CardModel | null = null;
  private _mime: IRenderMime.IMimeModel | null = null;
  private _cell: CodeCell | null = null;
  private _cellChanged = new Signal<this, void>(this);
}
