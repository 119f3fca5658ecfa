import { UseSignal } from '@jupyterlab/ui-components';
import { CommandRegistry } from '@lumino/commands';
import React, { act } from 'react';
import type { IActivation, IAlert } from '../../api/alerts';
import { alertModel, AlertTab } from '../../panels/monitoring/tab';
import { IAsked, makeService, pause } from '../models/answers';
import { mounted } from '../mounted';

const page = mounted();
const ref = { project: 'p', name: 'fails' };

const alert: IAlert = {
  ...ref,
  id: 1,
  state: 'active',
  count: 1,
  severity: 'high',
  summary: 'Runs fail',
  entities: { kind: 'job', ids: ['*'] },
  trigger: { events: ['failed'] },
  criteria: null,
  reset_policy: 'manual',
  notifications: [],
  created: null
};

const activation = (succeeded: number): IActivation => ({
  ...ref,
  id: 7,
  severity: 'high',
  activation_time: '2026-01-01T00:00:00+00:00',
  entity_id: 'train',
  entity_kind: 'job',
  event_kind: 'failed',
  number_of_events: 1,
  notifications: [{ kind: 'webhook', summary: { failed: 0, succeeded } }],
  reset_time: null
});

it('says of a message that it was sent as soon as it was', async () => {
  let succeeded = 0;
  const { service, emit } = makeService(({ path }: IAsked) =>
    path.endsWith('alert-activations')
      ? { activations: [activation(succeeded)] }
      : path.endsWith('alerts/fails')
        ? alert
        : 404
  );
  const model = alertModel(service, ref);
  model.section = 'activations';
  const commands = new CommandRegistry();
  await page.draw(
    <UseSignal signal={model.changed}>
      {() =>
        model.value ? (
          <AlertTab model={model} alert={model.value} commands={commands} />
        ) : null
      }
    </UseSignal>
  );
  const told = () => page.host.querySelector('td .jp-mlrun-told')?.textContent;
  // nothing is drawn before a turn ends
  const shown = async (text: string) => {
    for (let turn = 0; turn < 100 && told() !== text; turn += 1) {
      await act(() => pause(20));
    }
    expect(told()).toBe(text);
  };
  await shown('webhook: not sent yet');
  succeeded = 1;
  emit({ kind: 'notification', action: 'updated', ...ref, uid: '7' });
  await shown('webhook');
  model.dispose();
});
