import { Notification } from '@jupyterlab/apputils';
import type { CommandRegistry } from '@lumino/commands';
import { reasonOf } from '../api/request';
import type { INamedRef } from '../api/schedules';
import { NAMED_ARGS, namedOfArgs } from '../commands';
import { glyphIcon, GlyphName } from './icons';

/** Add a command about one object that its arguments name; it says why it was refused. */
export function addNamedCommand(
  commands: CommandRegistry,
  id: string,
  label: string,
  icon: GlyphName,
  act: (ref: INamedRef) => Promise<void>
): void {
  commands.addCommand(id, {
    label,
    icon: glyphIcon(icon),
    describedBy: NAMED_ARGS,
    isEnabled: args => namedOfArgs(args) !== null,
    execute: async args => {
      const ref = namedOfArgs(args);
      try {
        if (ref) {
          await act(ref);
        }
      } catch (reason) {
        Notification.error(`${label}: ${reasonOf(reason)}`, {
          autoClose: false
        });
      }
    }
  });
}
