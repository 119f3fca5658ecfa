import { ReactWidget, UseSignal } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import React from 'react';
import type { IRunRef } from '../../api/documents';
import { Boundary } from '../../components/boundary';
import { ILineWish, LogView } from '../../components/logView';
import type { OpenPlace } from '../../components/logLine';
import { TranslationProvider } from '../../components/translation';
import { downloadLog } from '../../models/download';
import { LogModel } from '../../models/log';
import type { IMLRunService } from '../../tokens';

/** A log alone in a tab, for docking beside anything. */
export class LogPanel extends ReactWidget {
  constructor(
    private _service: IMLRunService,
    readonly ref: IRunRef,
    private _trans: TranslationBundle,
    private _onPlace?: OpenPlace
  ) {
    super();
    this.addClass('jp-mlrun-logPanel');
    this.node.dataset.project = ref.project;
    this.node.dataset.uid = ref.uid;
    this._model = new LogModel(_service, ref);
    void this._model.open(_service.row(ref.project, ref.uid)?.state);
  }

  /** Show a line. */
  showLine(line: number): void {
    this._wish = { line };
    this._wished.emit();
  }

  dispose(): void {
    if (!this.isDisposed) {
      this._model.dispose();
      Signal.clearData(this);
      super.dispose();
    }
  }

  protected render() {
    return (
      <TranslationProvider value={this._trans}>
        <Boundary>
          <UseSignal signal={this._wished}>
            {() => (
              <UseSignal signal={this._model.changed}>
                {() => (
                  <LogView
                    source={this._model}
                    wish={this._wish}
                    onPlace={this._onPlace}
                    onDownload={() =>
                      void downloadLog(this._service.settings, this.ref)
                    }
                  />
                )}
              </UseSignal>
            )}
          </UseSignal>
        </Boundary>
      </TranslationProvider>
    );
  }

  private _model: LogModel;
  private _wish: ILineWish | null = null;
  private _wished = new Signal<this, void>(this);
}
