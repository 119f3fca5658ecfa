import { MenuSvg } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyJSONObject } from '@lumino/coreutils';
import type React from 'react';

/** An entry of a menu: a command with its arguments, or a line between two groups. */
export type MenuEntry =
  { command: string; args?: ReadonlyJSONObject } | 'separator';

/** Open a menu at the pointer, or below the element that has the focus. */
export function openMenu(
  commands: CommandRegistry,
  entries: readonly MenuEntry[],
  event: React.SyntheticEvent
): void {
  const { x, y } = placeOf(event, event.currentTarget as HTMLElement);
  makeMenu(commands, entries).open(x, y);
}

/** Open a menu below an element. */
export function openMenuAt(
  commands: CommandRegistry,
  entries: readonly MenuEntry[],
  element: HTMLElement
): void {
  const box = element.getBoundingClientRect();
  makeMenu(commands, entries).open(box.left, box.bottom);
}

function makeMenu(
  commands: CommandRegistry,
  entries: readonly MenuEntry[]
): MenuSvg {
  const menu = new MenuSvg({ commands });
  for (const entry of entries) {
    if (entry === 'separator') {
      menu.addItem({ type: 'separator' });
    } else if (commands.hasCommand(entry.command)) {
      menu.addItem({ command: entry.command, args: entry.args });
    }
  }
  menu.aboutToClose.connect(() => {
    // the command that was chosen runs after this signal
    setTimeout(() => menu.dispose());
  });
  return menu;
}

function placeOf(event: React.SyntheticEvent, element: HTMLElement) {
  const native = event.nativeEvent;
  if (native instanceof MouseEvent && native.type === 'contextmenu') {
    return { x: native.clientX, y: native.clientY };
  }
  const target = event.target instanceof HTMLElement ? event.target : element;
  const box = target.getBoundingClientRect();
  return { x: box.left, y: box.bottom };
}
