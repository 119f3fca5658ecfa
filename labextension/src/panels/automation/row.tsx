import React from 'react';
import type { ISchedule } from '../../api/schedules';
import { useNow } from '../../components/clock';
import { NounCells } from '../../components/nounCells';
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
  const next = parseTime(schedule.next_run_time);
  const paused = schedule.state === 'paused';
  return (
    <NounCells
      icon={
        <StateIcon
          state={schedule.status.error ? 'unhealthy' : scheduleState(schedule)}
        />
      }
      name={schedule.name}
      why={qualifierOf(schedule, trans)}
      project={props.showProject ? schedule.project : undefined}
      time={{
        text: nextOf(schedule, now, trans),
        title: next === null ? undefined : formatFull(next)
      }}
      actions={[
        { icon: 'play', label: trans.__('Run now'), onClick: props.onRun },
        paused
          ? { icon: 'clock', label: trans.__('Resume'), onClick: props.onPause }
          : { icon: 'pause', label: trans.__('Pause'), onClick: props.onPause }
      ]}
      onMenu={props.onMenu}
    />
  );
}
