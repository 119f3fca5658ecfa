import { Dialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import React from 'react';
import { ALERT_EVENTS, INewAlert, Told } from '../../api/alerts';
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
      <Text
        label={trans.__('Name')}
        value={alert.name}
        onChange={name => onChange({ name })}
      />
      <Choice
        label={trans.__('When')}
        value={alert.event}
        choices={Object.keys(ALERT_EVENTS).map(event => [
          event,
          event === 'failed' ? trans.__('a run fails') : event
        ])}
        onChange={event => onChange({ event })}
      />
      <Text
        label={
          alert.event === 'failed' ? trans.__('Runs of') : trans.__('Of what')
        }
        hint={trans.__('the name of a function or run, or * for all')}
        value={alert.entity}
        onChange={entity => onChange({ entity })}
      />
      <Text
        label={trans.__('How often')}
        value={String(alert.count || '')}
        onChange={text => onChange({ count: Number(text) })}
      />
      <Text
        label={trans.__('Within')}
        hint={trans.__('such as 10m or 2h; empty is ever')}
        value={alert.period}
        onChange={period => onChange({ period })}
      />
      <Choice
        label={trans.__('Severity')}
        value={alert.severity}
        choices={[
          ['low', trans.__('low')],
          ['medium', trans.__('medium')],
          ['high', trans.__('high')]
        ]}
        onChange={severity =>
          onChange({ severity: severity as INewAlert['severity'] })
        }
      />
      <Choice
        label={trans.__('Listens again')}
        value={alert.reset}
        choices={[
          ['auto', trans.__('by itself')],
          ['manual', trans.__('when it is reset by hand')]
        ]}
        onChange={reset => onChange({ reset: reset as INewAlert['reset'] })}
      />
      <Choice
        label={trans.__('Tell')}
        value={alert.told}
        choices={[
          ['webhook', trans.__('a webhook')],
          ['slack', trans.__('Slack')]
        ]}
        onChange={told => onChange({ told: told as Told })}
      />
      <Text
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

function Text(props: {
  label: string;
  hint?: string;
  value: string;
  onChange: (text: string) => void;
}) {
  const id = React.useId();
  return (
    <>
      <label className="jp-mlrun-field" htmlFor={id}>
        <span>{props.label}</span>
        <input
          id={id}
          type="text"
          spellCheck={false}
          aria-describedby={props.hint ? `${id}-hint` : undefined}
          value={props.value}
          onChange={event => props.onChange(event.target.value)}
        />
      </label>
      {props.hint && (
        <div id={`${id}-hint`} className="jp-mlrun-field-hint">
          {props.hint}
        </div>
      )}
    </>
  );
}

function Choice(props: {
  label: string;
  value: string;
  choices: readonly (readonly [string, string])[];
  onChange: (value: string) => void;
}) {
  const id = React.useId();
  return (
    <label className="jp-mlrun-field" htmlFor={id}>
      <span>{props.label}</span>
      <select
        id={id}
        value={props.value}
        onChange={event => props.onChange(event.target.value)}
      >
        {props.choices.map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}
