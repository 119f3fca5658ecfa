import { ReactWidget, UseSignal } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { Boundary } from '../../components/boundary';
import { mayReplace } from '../../components/replaceSchedule';
import { TranslationProvider } from '../../components/translation';
import { FormBody } from './body';
import type { FormMade, FormModel } from './model';

/** The form in its tab. */
export class FormPanel extends ReactWidget {
  constructor(
    readonly model: FormModel,
    private _trans: TranslationBundle,
    private _started: (made: FormMade) => void
  ) {
    super();
    this.addClass('jp-mlrun-formPanel');
    void model.open();
  }

  dispose(): void {
    this.model.dispose();
    super.dispose();
  }

  protected render() {
    return (
      <TranslationProvider value={this._trans}>
        <Boundary>
          <UseSignal signal={this.model.changed}>
            {() => (
              <FormBody
                model={this.model}
                onStarted={this._started}
                mayReplace={this._mayReplace}
              />
            )}
          </UseSignal>
        </Boundary>
      </TranslationProvider>
    );
  }

  private _mayReplace = async (): Promise<boolean> => {
    const { schedule, target, name, service } = this.model;
    const ref = { project: target.project, name };
    try {
      return schedule === null || (await mayReplace(ref, service, this._trans));
    } catch (reason) {
      this.model.fail(reason);
      return false;
    }
  };
}
