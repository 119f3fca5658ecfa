import { Dialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import React from 'react';
import { ALERT_EVENTS, INewAlert } from '../../api/alerts';
import { ChoiceField, TextField } from '../../components/field';
import { TranslationProvider, useTrans } from '../../components/translation';

const NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const PERIOD = /^\d{1,6}\s*[smhd]$/;

const EMPTY: INewAlert = {
  name: '',
  entity: '*',
  event: 'failed',
  severity: 'high',
  count: 1,
  period: '',
  reset: 'auto',
  told: 'webhook',
  address: ''
};

/** What is wrong with an alert as typed, or null. */
export function alertProblem(
  alert: INewAlert,
  trans: TranslationBundle
): string | null {
  if (!NAME.test(alert.name)) {
    return trans.__('A name is small letters, digits and -, at most 63.');
  }
  if (!alert.entity.trim()) {
    return trans.__('Say whose runs: the name of a function, or * for all.');
  }
  if (!Number.isInteger(alert.count) || alert.count < 1) {
    return trans.__('How often is a whole number from 1.');
  }
  if (alert.period && !PERIOD.test(alert.period.trim())) {
    return trans.__('A window is a time such as 10m, 2h or 1d.');
  }
  if (!/^https?:\/\/\S+$/.test(alert.address.trim())) {
    return trans.__(
      'Say where to tell it: an address that begins with https://.'
    );
  }
  return null;
}

/** Ask what an alert shall listen to; null where the user thinks better of it. */
export async function askForAlert(
  trans: TranslationBundle,
  begun: INewAlert = EMPTY,
  refused = ''
): Promise<INewAlert | null> {
  const body = new AlertForm(begun, refused, trans);
  const answer = await new Dialog<INewAlert>({
    title: trans.__('New alert'),
    body,
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.okButton({ label: trans.__('Save') })
    ],
    focusNodeSelector: 'input'
  }).launch();
  if (!answer.button.accept || !answer.value) {
    return null;
  }
  const problem = alertProblem(answer.value, trans);
  return problem ? askForAlert(trans, answer.value, problem) : answer.value;
}

class AlertForm extends ReactWidget implements Dialog.IBodyWidget<INewAlert> {
  constructor(
    private _alert: INewAlert,
    private _refused: string,
    private _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-mlrun-settings');
  }

  getValue(): INewAlert {
    return this._alert;
  }

  protected render() {
    return (
      <TranslationProvider value={this._trans}>
        <Fields
          alert={this._alert}
          refused={this._refused}
          onChange={change => {
            this._alert = { ...this._alert, ...change };
            this.update();
          }}
        />
      </TranslationProvider>
    );
  }
}

function Fields(props: {
  alert: INewAlert;
  refused: string;
  onChange: (change: Partial<INewAlert>) => void;
}) {
  const trans = useTrans();
  const { alert, onChange } = props;
  const wanted = {
    webhook: trans.__('URL'),
    slack: trans.__('URL of the Slack webhook')
  }[alert.told];
  return (
    <>
      <TextField
        label={trans.__('Name')}
        value={alert.name}
        onChange={name => onChange({ name })}
      />
      <ChoiceField
        label={trans.__('When')}
        value={alert.event}
        choices={Object.keys(ALERT_EVENTS).map(event => [
          event,
          event === 'failed' ? trans.__('a run fails') : event
        ])}
        onChange={event => onChange({ event })}
      />
      <TextField
        label={
          alert.event === 'failed' ? trans.__('Runs of') : trans.__('Of what')
        }
        hint={trans.__('the name of a function or run, or * for all')}
        value={alert.entity}
        onChange={entity => onChange({ entity })}
      />
      <TextField
        label={trans.__('How often')}
        value={String(alert.count || '')}
        onChange={text => onChange({ count: Number(text) })}
      />
      <TextField
        label={trans.__('Within')}
        hint={trans.__('such as 10m or 2h; empty is ever')}
        value={alert.period}
        onChange={period => onChange({ period })}
      />
      <ChoiceField
        label={trans.__('Severity')}
        value={alert.severity}
        choices={[
          ['low', trans.__('low')],
          ['medium', trans.__('medium')],
          ['high', trans.__('high')]
        ]}
        onChange={severity => onChange({ severity })}
      />
      <ChoiceField
        label={trans.__('Listens again')}
        value={alert.reset}
        choices={[
          ['auto', trans.__('by itself')],
          ['manual', trans.__('when it is reset by hand')]
        ]}
        onChange={reset => onChange({ reset })}
      />
      <ChoiceField
        label={trans.__('Tell')}
        value={alert.told}
        choices={[
          ['webhook', trans.__('a webhook')],
          ['slack', trans.__('Slack')]
        ]}
        onChange={told => onChange({ told })}
      />
      <TextField
        label={wanted}
        hint={trans.__('kept sealed, never shown again')}
        value={alert.address}
        onChange={address => onChange({ address })}
      />
      {props.refused && (
        <div role="alert" className="jp-mlrun-field-problem">
          {props.refused}
        </div>
      )}
    </>
  );
}
