import type { ISchedule } from '../../api/schedules';
import { CommandIDs } from '../../commands';
import type { MenuEntry } from '../../components/menu';

/** The command that has a schedule wait, or go on. */
export function pauseCommand({ state }: ISchedule): string {
  return state === 'paused'
    ? CommandIDs.resumeSchedule
    : CommandIDs.pauseSchedule;
}

/** What keys do to a schedule in its list. */
export const SCHEDULE_KEYS = {
  r: () => CommandIDs.runSchedule,
  p: pauseCommand,
  Delete: () => CommandIDs.deleteSchedule
};

/** The menu of a schedule. */
export function scheduleMenu(schedule: ISchedule): MenuEntry[] {
  const { project, name } = schedule;
  const args = { project, name };
  return [
    { command: CommandIDs.openSchedule, args },
    { command: CommandIDs.runSchedule, args },
    { command: pauseCommand(schedule), args },
    'separator',
    { command: CommandIDs.deleteSchedule, args }
  ];
}
