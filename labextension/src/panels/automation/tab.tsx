import type { CommandRegistry } from '@lumino/commands';
import React from 'react';
import type { IRunRow } from '../../api/documents';
import { listRuns } from '../../api/runs';
import { reasonOf } from '../../api/request';
import type { ISchedule } from '../../api/schedules';
import { CommandIDs } from '../../commands';
import { Button, IconButton, LinkButton } from '../../components/button';
import { Empty, Skeleton } from '../../components/empty';
import { Fact } from '../../components/fact';
import { KeyValues } from '../../components/keyValues';
import { openMenu } from '../../components/menu';
import { Note } from '../../components/note';
import { ObjectTab } from '../../components/objectTab';
import { RunTable } from '../../components/runTable';
import { StateIcon, stateWord } from '../../components/stateIcon';
import { useTrans } from '../../components/translation';
import {
  formatMoment,
  formatParameter,
  formatSince,
  parseTime
} from '../../format';
import type { ObjectModel } from '../../models/objectModel';
import { ScheduleSettings } from './settings';
import { NextTimes } from '../../components/nextTimes';
import { scheduleMenu } from './menu';
import { scheduleState, scheduleWord, whenOf } from './words';

const HISTORY = 100;

/** What the tab of a schedule works on. */
export interface IScheduleTab {
  model: ObjectModel<ISchedule>;
  schedule: ISchedule;
  commands: CommandRegistry;
}

/** The tab of a schedule: next and last runs, settings, history. */
export function ScheduleTab(props: IScheduleTab) {
  const trans = useTrans();
  const { model, schedule, commands } = props;
  const ref = { project: schedule.project, name: schedule.name };
  const paused = schedule.state === 'paused';
  const { error, error_at: failedAt, skipped = 0 } = schedule.status;
  const failed = parseTime(failedAt);
  return (
    <ObjectTab
      icon={<StateIcon state={scheduleState(schedule)} decorative />}
      name={schedule.name}
      subtitle={scheduleWord(schedule, trans)}
      actions={
        <>
          <Button
            primary
            icon="play"
            label={trans.__('Run now')}
            onClick={() =>
              void commands.execute(CommandIDs.runSchedule, { ...ref })
            }
          />
          <Button
            label={paused ? trans.__('Resume') : trans.__('Pause')}
            disabled={schedule.state === 'completed'}
            onClick={() =>
              void commands.execute(
                paused ? CommandIDs.resumeSchedule : CommandIDs.pauseSchedule,
                { ...ref }
              )
            }
          />
          <IconButton
            icon="more"
            label={trans.__('More')}
            hasPopup
            onClick={event =>
              openMenu(commands, scheduleMenu(schedule).slice(-1), event)
            }
          />
        </>
      }
      facts={
        <>
          <Fact>{whenOf(schedule, trans)}</Fact>
          <Fact>{schedule.cron_trigger.timezone ?? 'UTC'}</Fact>
          <Fact>{trans.__('of %1', schedule.owner)}</Fact>
          <Fact>{schedule.project}</Fact>
        </>
      }
      notes={
        <>
          {error && (
            <Note kind="warning">
              {failed === null
                ? trans.__('The last run did not start: %1', error)
                : trans.__(
                    'The run of %1 did not start: %2',
                    formatMoment(failed, Date.now()),
                    error
                  )}
            </Note>
          )}
          {skipped > 0 && (
            <Note kind="warning">
              {trans._n(
                '%1 run was left out because the one before was not over.',
                '%1 runs were left out because the one before was not over.',
                skipped
              )}
            </Note>
          )}
        </>
      }
      sections={[
        {
          id: 'runs',
          label: trans.__('Next and last runs'),
          render: () => <NextAndLast {...props} />
        },
        {
          id: 'settings',
          label: trans.__('Settings'),
          render: () => <ScheduleSettings {...props} />
        },
        {
          id: 'history',
          label: trans.__('History'),
          render: () => <History {...props} />
        }
      ]}
      section={model.section}
      sectionsLabel={trans.__('Sections of the schedule')}
      onSection={id => (model.section = id)}
    />
  );
}

function NextAndLast({ schedule, commands }: IScheduleTab) {
  const trans = useTrans();
  const task = schedule.scheduled_object?.task;
  const parameters = Object.entries(task?.spec?.parameters ?? {});
  return (
    <div className="jp-mlrun-two">
      <section>
        <h2>{trans.__('Next runs')}</h2>
        {schedule.state === 'paused' ? (
          <p className="jp-mlrun-quiet">
            {trans.__('Paused: nothing runs until it is resumed.')}
          </p>
        ) : schedule.next_run_times.length === 0 ? (
          <p className="jp-mlrun-quiet">
            {trans.__('It is over: no further run comes.')}
          </p>
        ) : (
          <NextTimes
            times={schedule.next_run_times}
            zone={schedule.cron_trigger.timezone ?? 'UTC'}
          />
        )}
        <h2>{trans.__('Last run')}</h2>
        <LastRun schedule={schedule} commands={commands} />
      </section>
      <section>
        <h2>{trans.__('What runs')}</h2>
        <KeyValues
          label={trans.__('What runs')}
          items={[
            {
              key: trans.__('function'),
              value: (task?.spec?.function ?? '').replace(/@(.{7}).*$/, '@$1'),
              title: task?.spec?.function
            },
            { key: trans.__('handler'), value: task?.spec?.handler ?? '' },
            ...parameters.map(([key, value]) => ({
              key,
              value: formatParameter(value)
            }))
          ]}
        />
        <h2>{trans.__('Who keeps time')}</h2>
        <p className="jp-mlrun-quiet">
          {trans.__(
            'This server (%1): it must be up when a run is due.',
            schedule.keeper
          )}
        </p>
      </section>
    </div>
  );
}

function LastRun(props: { schedule: ISchedule; commands: CommandRegistry }) {
  const trans = useTrans();
  const { schedule, commands } = props;
  const [, uid] = /@([^#]+)/.exec(schedule.last_run_uri ?? '') ?? [];
  if (!uid) {
    return <p className="jp-mlrun-quiet">{trans.__('It has not run yet.')}</p>;
  }
  const { status } = schedule.last_run ?? {};
  const start = parseTime(status?.start_time);
  return (
    <p className="jp-mlrun-lastRun">
      {status && <StateIcon state={status.state} />}
      <LinkButton
        label={trans.__('Open the last run')}
        onClick={() =>
          void commands.execute(CommandIDs.openRun, {
            project: schedule.project,
            uid
          })
        }
      />
      {status && <span>{stateWord(status.state, trans)}</span>}
      {start !== null && (
        <span className="jp-mlrun-dim">
          {formatSince(start, Date.now(), trans)}
        </span>
      )}
    </p>
  );
}

/** The runs that a schedule has made. */
function History({ model, schedule, commands }: IScheduleTab) {
  const trans = useTrans();
  const [rows, setRows] = React.useState<readonly IRunRow[] | null>(null);
  const [failure, setFailure] = React.useState('');
  React.useEffect(() => {
    let current = true;
    listRuns(model.service.settings, {
      project: schedule.project,
      q: `"label:mlrun/schedule-name=${schedule.name}"`,
      limit: HISTORY
    }).then(
      page => {
        if (current) {
          setRows(page.rows);
          setFailure('');
        }
      },
      reason => current && setFailure(reasonOf(reason))
    );
    return () => {
      current = false;
    };
  }, [model.version, schedule.name]);
  if (failure) {
    return <Note kind="error">{failure}</Note>;
  }
  if (rows === null) {
    return <Skeleton label={trans.__('The runs are being read')} />;
  }
  return rows.length ? (
    <RunTable
      rows={rows}
      label={trans.__('Runs of the schedule')}
      onOpen={({ project, uid }) =>
        void commands.execute(CommandIDs.openRun, { project, uid })
      }
    />
  ) : (
    <Empty>{trans.__('It has made no run yet.')}</Empty>
  );
}
