import React from 'react';
import { IRun, isTerminal } from '../../api/documents';
import { pushNotifications } from '../../api/notifications';
import { reasonOf } from '../../api/request';
import { Button } from '../../components/button';
import { DataTable } from '../../components/dataTable';
import { Note } from '../../components/note';
import { StateIcon, stateWord } from '../../components/stateIcon';
import { useTrans } from '../../components/translation';
import { formatFull, formatMoment, parseTime } from '../../format';
import type { RunTabModel } from './model';

/** A notification of a run, with what it has come to. */
export interface INotification {
  name: string;
  kind: string;
  /** The states of the run at which it is sent. */
  when: string[];
  status: string;
  sent: string | null;
  reason: string;
}

const SHAPES: Readonly<Record<string, string>> = {
  sent: 'completed',
  error: 'error',
  pending: 'pending'
};

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The notifications of a run, of what its spec asks for and its status says. */
export function notificationsOf(run: IRun): INotification[] {
  const { notifications: asked } = run.spec;
  const states = (run.status as Record<string, unknown>).notifications;
  const known = (states ?? {}) as Record<string, Record<string, unknown>>;
  return (Array.isArray(asked) ? asked : []).map(
    (item: Record<string, unknown>) => {
      const kind = textOf(item.kind) || 'slack';
      const name = textOf(item.name) || kind;
      const state = known[name] ?? {};
      const when = Array.isArray(item.when) ? item.when.map(String) : [];
      return {
        name,
        kind,
        when: when.length ? when : ['completed'],
        status: textOf(state.status) || 'pending',
        sent: textOf(state.sent_time) || null,
        reason: textOf(state.reason)
      };
    }
  );
}

/** What the run tells whom, whether it did, and why not. */
export function Notifications(props: { model: RunTabModel }) {
  const trans = useTrans();
  const { model } = props;
  const { doc } = model;
  const [failure, setFailure] = React.useState<string | null>(null);
  const items = doc ? notificationsOf(doc) : [];
  if (!doc || items.length === 0) {
    return null;
  }
  const words: Readonly<Record<string, string>> = {
    sent: trans.__('sent'),
    error: trans.__('not sent'),
    pending: trans.__('waiting')
  };
  const push = async () => {
    try {
      await pushNotifications(model.service.settings, model.ref);
      setFailure(null);
      await model.run.refresh();
    } catch (reason) {
      setFailure(reasonOf(reason));
    }
  };
  return (
    <>
      <h2>
        {trans.__('Notifications')} <i>{items.length}</i>
      </h2>
      <DataTable
        columns={[
          trans.__('State'),
          trans.__('Name'),
          trans.__('Kind'),
          trans.__('When'),
          trans.__('Sent')
        ]}
      >
        {items.map(item => (
          <tr key={item.name}>
            <td title={item.reason}>
              <StateIcon state={SHAPES[item.status] ?? 'unknown'} decorative />{' '}
              {words[item.status] ?? item.status}
              {item.reason && (
                <span className="jp-mlrun-dim"> {item.reason}</span>
              )}
            </td>
            <td>
              <bdi>{item.name}</bdi>
            </td>
            <td>{item.kind}</td>
            <td>
              {item.when.map(state => stateWord(state, trans)).join(', ')}
            </td>
            <Sent time={item.sent} />
          </tr>
        ))}
      </DataTable>
      {isTerminal(doc.status.state) && (
        <Button
          label={trans.__('Send again')}
          icon="rerun"
          onClick={() => void push()}
        />
      )}
      {failure && (
        <Note kind="error">{trans.__('Nothing was sent: %1', failure)}</Note>
      )}
    </>
  );
}

function Sent(props: { time: string | null }) {
  const time = parseTime(props.time);
  return time === null ? (
    <td />
  ) : (
    <td title={formatFull(time)} className="jp-mlrun-number">
      {formatMoment(time, Date.now())}
    </td>
  );
}
