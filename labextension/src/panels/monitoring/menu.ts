import type { IAlert } from '../../api/alerts';
import { CommandIDs } from '../../commands';
import type { MenuEntry } from '../../components/menu';

/** What keys do to an alert in its list. */
export const ALERT_KEYS = {
  r: ({ state }: IAlert) => (state === 'active' ? CommandIDs.resetAlert : null),
  Delete: () => CommandIDs.deleteAlert
};

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
