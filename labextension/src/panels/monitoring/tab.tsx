import type { CommandRegistry } from '@lumino/commands';
import React from 'react';
import {
  IActivation,
  IAlert,
  listActivations,
  readAlert
} from '../../api/alerts';
import { reasonOf } from '../../api/request';
import type { INamedRef } from '../../api/schedules';
import { CommandIDs } from '../../commands';
import { Button, LinkButton } from '../../components/button';
import { Fact } from '../../components/fact';
import { DataTable } from '../../components/dataTable';
import { Empty, Skeleton } from '../../components/empty';
import { KeyValues } from '../../components/keyValues';
import { Note } from '../../components/note';
import { ObjectTab } from '../../components/objectTab';
import { StateIcon } from '../../components/stateIcon';
import { useTrans } from '../../components/translation';
import { formatFull, formatMoment, parseTime } from '../../format';
import { ObjectModel } from '../../models/objectModel';
import type { IMLRunService } from '../../tokens';
import {
  activeWord,
  alertState,
  criteriaOf,
  severityWord,
  toldState,
  watchedBy
} from './words';

/** What the tab of an alert works on. */
export interface IAlertTab {
  model: ObjectModel<IAlert>;
  alert: IAlert;
  commands: CommandRegistry;
}

/** An alert that is read again when it changes, and when somebody was told of it. */
export function alertModel(
  service: IMLRunService,
  ref: INamedRef
): ObjectModel<IAlert> {
  return new ObjectModel(service, ref, readAlert, ['alert', 'notification']);
}

/** The tab of an alert: what it listens to, when it was active, whom it tells. */
export function AlertTab(props: IAlertTab) {
  const trans = useTrans();
  const { model, alert, commands } = props;
  const args = { project: alert.project, name: alert.name };
  const manual = alert.reset_policy === 'manual';
  return (
    <ObjectTab
      icon={<StateIcon state={alertState(alert)} decorative />}
      name={alert.name}
      subtitle={activeWord(alert, trans)}
      actions={
        <>
          <Button
            primary={alert.state === 'active' && manual}
            label={trans.__('Reset')}
            disabled={alert.state !== 'active'}
            title={trans.__('Have it listen again')}
            onClick={() => void commands.execute(CommandIDs.resetAlert, args)}
          />
          <Button
            label={trans.__('Delete…')}
            onClick={() => void commands.execute(CommandIDs.deleteAlert, args)}
          />
        </>
      }
      facts={
        <>
          <Fact>
            {trans.__('severity %1', severityWord(alert.severity, trans))}
          </Fact>
          <Fact>{watchedBy(alert, trans)}</Fact>
          <Fact>{alert.project}</Fact>
        </>
      }
      sections={[
        {
          id: 'overview',
          label: trans.__('Overview'),
          render: () => <Overview alert={alert} />
        },
        {
          id: 'activations',
          label: trans.__('Activations'),
          count: alert.count,
          render: () => <Activations {...props} />
        },
        {
          id: 'notifications',
          label: trans.__('Notifications'),
          count: alert.notifications.length,
          render: () => <Notifications alert={alert} />
        }
      ]}
      section={model.section}
      sectionsLabel={trans.__('Sections of the alert')}
      onSection={id => (model.section = id)}
    />
  );
}

function Overview({ alert }: { alert: IAlert }) {
  const trans = useTrans();
  const items = [
    { key: trans.__('says'), value: alert.summary },
    { key: trans.__('description'), value: alert.description ?? '' },
    { key: trans.__('watches'), value: watchedBy(alert, trans) },
    {
      key: trans.__('events'),
      value: (alert.trigger.events ?? []).join(', ')
    },
    { key: trans.__('becomes active'), value: criteriaOf(alert, trans) },
    {
      key: trans.__('listens again'),
      value:
        alert.reset_policy === 'manual'
          ? trans.__('when it is reset by hand')
          : trans.__('at once')
    },
    { key: trans.__('quiet for'), value: alert.cooldown_period ?? '' }
  ];
  return (
    <KeyValues
      label={trans.__('Alert')}
      items={items.filter(({ value }) => value !== '')}
    />
  );
}

function Activations({ model, alert, commands }: IAlertTab) {
  const trans = useTrans();
  const [rows, setRows] = React.useState<readonly IActivation[] | null>(null);
  const [failure, setFailure] = React.useState('');
  const { project, name } = alert;
  React.useEffect(() => {
    let current = true;
    listActivations(model.service.settings, { project, name }).then(
      found => {
        if (current) {
          setRows(found);
          setFailure('');
        }
      },
      reason => current && setFailure(reasonOf(reason))
    );
    return () => {
      current = false;
    };
  }, [model.version, project, name]);
  if (failure) {
    return <Note kind="error">{failure}</Note>;
  }
  if (rows === null) {
    return <Skeleton label={trans.__('The activations are being read')} />;
  }
  if (rows.length === 0) {
    return <Empty>{trans.__('It has never been active.')}</Empty>;
  }
  return (
    <DataTable
      label={trans.__('Activations')}
      columns={[
        trans.__('Since'),
        trans.__('Until'),
        trans.__('Of'),
        trans.__('Event'),
        trans.__('Events'),
        trans.__('Told')
      ]}
    >
      {rows.map(row => (
        <tr key={row.id}>
          <Moment time={row.activation_time} />
          <Moment time={row.reset_time} />
          <td>
            <Entity row={row} commands={commands} />
          </td>
          <td>{row.event_kind}</td>
          <td className="jp-mlrun-table-num">{row.number_of_events}</td>
          <td>
            <Told row={row} />
          </td>
        </tr>
      ))}
    </DataTable>
  );
}

function Moment({ time }: { time: string | null }) {
  const moment = parseTime(time);
  return moment === null ? (
    <td>–</td>
  ) : (
    <td title={formatFull(moment)}>{formatMoment(moment, Date.now())}</td>
  );
}

/** What the event was of; a run (`train.0123ab…`) leads to its tab. */
function Entity(props: { row: IActivation; commands: CommandRegistry }) {
  const { row, commands } = props;
  const uid = /\.([0-9a-f]{32})$/.exec(row.entity_id)?.[1];
  return row.entity_kind === 'job' && uid ? (
    <LinkButton
      label={row.entity_id.slice(0, -25)}
      title={row.entity_id}
      onClick={() =>
        void commands.execute(CommandIDs.openRun, {
          project: row.project,
          uid
        })
      }
    />
  ) : (
    <bdi title={row.entity_id}>{row.entity_id}</bdi>
  );
}

/** Who was told, and why not where somebody was not. */
function Told({ row }: { row: IActivation }) {
  const trans = useTrans();
  return (
    <>
      {row.notifications.map((each, index) => {
        const state = toldState(each);
        return (
          <span key={index} className="jp-mlrun-told" title={each.err ?? ''}>
            <StateIcon state={state} size={12} decorative />
            {state === 'error'
              ? trans.__('%1: %2', each.kind, each.err ?? trans.__('not sent'))
              : state === 'pending'
                ? trans.__('%1: not sent yet', each.kind)
                : each.kind}
          </span>
        );
      })}
    </>
  );
}

function Notifications({ alert }: { alert: IAlert }) {
  const trans = useTrans();
  if (alert.notifications.length === 0) {
    return <Empty>{trans.__('It tells nobody.')}</Empty>;
  }
  return (
    <DataTable
      label={trans.__('Notifications')}
      columns={[
        trans.__('Kind'),
        trans.__('Name'),
        trans.__('Message'),
        trans.__('At most every')
      ]}
    >
      {alert.notifications.map(({ notification, cooldown_period }, index) => (
        <tr key={index}>
          <td>{notification.kind}</td>
          <td>
            <bdi>{notification.name}</bdi>
          </td>
          <td>
            <bdi>{notification.message ?? ''}</bdi>
          </td>
          <td>{cooldown_period ?? '–'}</td>
        </tr>
      ))}
    </DataTable>
  );
}
