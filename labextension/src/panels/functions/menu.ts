import { CommandIDs } from '../../commands';
import type { MenuEntry } from '../../components/menu';

/** What keys do to a function in its list. */
export const FUNCTION_KEYS = {
  r: () => CommandIDs.runForm,
  Delete: () => CommandIDs.deleteFunction
};

/** The menu of a function. */
export function functionMenu(ref: {
  project: string;
  name: string;
}): MenuEntry[] {
  const args = { project: ref.project, name: ref.name };
  return [
    { command: CommandIDs.openFunction, args },
    { command: CommandIDs.runForm, args },
    { command: CommandIDs.runForm, args: { ...args, schedule: true } },
    'separator',
    { command: CommandIDs.exportFunction, args },
    { command: CommandIDs.deleteFunction, args }
  ];
}
