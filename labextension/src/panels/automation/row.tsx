import React from 'react';
import type { ISchedule } from '../../api/schedules';
import { IconButton } from '../../components/button';
import { useNow } from '../../components/clock';
import { StateIcon } from '../../components/stateIcon';
import { useTrans } from '../../components/translation';
import { formatFull, parseTime } from '../../format';
import { nextOf, qualifierOf, scheduleState } from './words';

/** A schedule in the list: state, name and when, next time. */
export function ScheduleCells(props: {
  schedule: ISchedule;
  showProject: boolean;
  onRun: () => void;
  onPause: () => void;
  onMenu: (event: React.SyntheticEvent) => void;
}) {
  const trans = useTrans();
  const now = useNow();
  const { schedule } = props;
  const why = qualifierOf(schedule, trans);
  const next = parseTime(schedule.next_run_time);
  const paused = schedule.state === 'paused';
  return (
    <>
      <span role="gridcell" className="jp-mlrun-runs-icon">
        <StateIcon
          state={schedule.status.error ? 'unhealthy' : scheduleState(schedule)}
        />
      </span>
      <span
        role="gridcell"
        className="jp-mlrun-runs-name"
        title={`${schedule.name} · ${why}`}
      >
        <bdi>{schedule.name}</bdi>
        <span className="jp-mlrun-dim jp-mlrun-runs-why">
          <bdi>{why}</bdi>
        </span>
        {props.showProject && (
          <span className="jp-mlrun-dim jp-mlrun-runs-why">
            <bdi>{schedule.project}</bdi>
          </span>
        )}
      </span>
      <span role="gridcell" className="jp-mlrun-runs-value" />
      <span
        role="gridcell"
        className="jp-mlrun-runs-time"
        title={next === null ? undefined : formatFull(next)}
      >
        <bdi dir="ltr">{nextOf(schedule, now, trans)}</bdi>
      </span>
      <span role="gridcell" className="jp-mlrun-runs-actions">
        <IconButton
          icon="play"
          label={trans.__('Run now')}
          tabIndex={-1}
          onClick={props.onRun}
        />
        <IconButton
          icon={paused ? 'clock' : 'pause'}
          label={paused ? trans.__('Resume') : trans.__('Pause')}
          tabIndex={-1}
          onClick={props.onPause}
        />
        <IconButton
          icon="more"
          label={trans.__('More')}
          tabIndex={-1}
          hasPopup
          onClick={props.onMenu}
        />
      </span>
    </>
  );
}
