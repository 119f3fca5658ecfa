import { Dialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import React from 'react';
import type { IRun } from '../../api/documents';
import { createSchedule, INamedRef } from '../../api/schedules';
import { CronFields, ICronDraft } from '../../components/cronFields';
import { mayReplace } from '../../components/replaceSchedule';
import { TranslationProvider } from '../../components/translation';
import { cronLine } from '../../models/cron';
import type { IMLRunService } from '../../tokens';

const NIGHTLY = '0 2 * * *';

/** Ask when, then have what a run ran be run by the clock; null where the user thinks better of it. */
export async function scheduleRun(
  run: IRun,
  service: IMLRunService,
  trans: TranslationBundle
): Promise<INamedRef | null> {
  const { project, name } = run.metadata;
  const body = new WhenForm(service, trans);
  const answer = await new Dialog<ICronDraft>({
    title: trans.__('Schedule %1', name),
    body,
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.okButton({ label: trans.__('Schedule') })
    ],
    focusNodeSelector: 'input'
  }).launch();
  if (!answer.button.accept || !answer.value) {
    return null;
  }
  const ref = { project, name };
  if (!(await mayReplace(ref, service, trans))) {
    return null;
  }
  const { text, zone } = answer.value;
  await createSchedule(service.settings, taskOf(run), cronLine(text, zone));
  return ref;
}

/** What repeats a run, with its secrets by name and those it tells. */
function taskOf({ metadata, spec }: IRun): object {
  const { project, name } = metadata;
  return {
    metadata: { name, project },
    spec: {
      function: spec.function,
      handler: spec.handler,
      parameters: spec.parameters ?? {},
      inputs: spec.inputs ?? {},
      returns: spec.returns ?? [],
      hyperparams: spec.hyperparams,
      hyper_param_options: spec.hyper_param_options,
      secret_sources: spec.secret_sources,
      notifications: spec.notifications
    }
  };
}

class WhenForm extends ReactWidget implements Dialog.IBodyWidget<ICronDraft> {
  constructor(
    private _service: IMLRunService,
    private _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-mlrun-settings');
  }

  getValue(): ICronDraft {
    return this._draft;
  }

  protected render() {
    return (
      <TranslationProvider value={this._trans}>
        <CronFields
          settings={this._service.settings}
          draft={this._draft}
          onChange={draft => {
            this._draft = draft;
            this.update();
          }}
        />
      </TranslationProvider>
    );
  }

  private _draft: ICronDraft = {
    text: NIGHTLY,
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC'
  };
}
