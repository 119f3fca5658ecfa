import type { IAlert } from '../../api/alerts';
import { CommandIDs } from '../../commands';
import type { MenuEntry } from '../../components/menu';

/** The menu of an alert. */
export function alertMenu({ project, name }: IAlert): MenuEntry[] {
  const args = { project, name };
  return [
    { command: CommandIDs.openAlert, args },
    { command: CommandIDs.resetAlert, args },
    'separator',
    { command: CommandIDs.deleteAlert, args }
  ];
}
