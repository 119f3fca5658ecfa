import type { ISchedule } from '../../api/schedules';
import { CommandIDs } from '../../commands';
import type { MenuEntry } from '../../components/menu';

/** The menu of a schedule. */
export function scheduleMenu({ project, name, state }: ISchedule): MenuEntry[] {
  const args = { project, name };
  return [
    { command: CommandIDs.openSchedule, args },
    { command: CommandIDs.runSchedule, args },
    state === 'paused'
      ? { command: CommandIDs.resumeSchedule, args }
      : { command: CommandIDs.pauseSchedule, args },
    'separator',
    { command: CommandIDs.deleteSchedule, args }
  ];
}
