import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { Dialog, ICommandPalette, ReactWidget } from '@jupyterlab/apputils';
import {
  ITranslator,
  nullTranslator,
  TranslationBundle
} from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import React from 'react';
import { CommandIDs, NO_ARGS } from '../../commands';
import { DOMAIN } from '../../tokens';

const PREFIX = 'jupyter-mlrun:';

/** Keys with what they do. */
export interface IKeys {
  title: string;
  keys: [string, string][];
}

/** The chords of our commands, as the user has them now. */
export function chordsOf(commands: CommandRegistry): [string, string][] {
  return commands.keyBindings
    .filter(({ command }) => command.startsWith(PREFIX))
    .map(({ command, args, keys }) => [
      CommandRegistry.formatKeystroke(keys),
      commands.label(command, args)
    ]);
}

/** All keys of MLRun by the place where they hold. */
export function keysOf(
  commands: CommandRegistry,
  trans: TranslationBundle
): IKeys[] {
  return [
    { title: trans.__('Everywhere'), keys: chordsOf(commands) },
    { title: trans.__('Lists and tables'), keys: listKeys(trans) },
    { title: trans.__('Runs'), keys: runKeys(trans) },
    ...nounKeys(trans),
    { title: trans.__('Logs'), keys: logKeys(trans) },
    {
      title: trans.__('Tabs and comparisons'),
      keys: [
        ['[  ]', trans.__('section before, next section')],
        ['← →', trans.__('from run to run in the head of a comparison')],
        ['B', trans.__('make that run the baseline')],
        ['D', trans.__('only differences')]
      ]
    }
  ];
}

/** A key with Ctrl, or with ⌘ on a Mac. */
function accel(key: string): string {
  return CommandRegistry.formatKeystroke(`Accel ${key}`);
}

function listKeys(trans: TranslationBundle): IKeys['keys'] {
  return [
    ['↑ ↓ PgUp PgDn Home End', trans.__('move')],
    ['Enter', trans.__('open')],
    [accel('Enter'), trans.__('open at the side')],
    ['Shift F10', trans.__('menu of the row')],
    ['/', trans.__('filter')],
    ['Escape', trans.__('selection, then filter, then back')]
  ];
}

function runKeys(trans: TranslationBundle): IKeys['keys'] {
  return [
    ['→ ←', trans.__('show the iterations, hide them')],
    ['Space', trans.__('select; with Shift ↑ ↓ several')],
    [accel('A'), trans.__('select all')],
    ['L', trans.__('log')],
    ['R', trans.__('rerun with edits')],
    ['S', trans.__('stop')],
    ['C', trans.__('compare those selected, or with the run before')],
    ['Y', trans.__('copy the id')],
    ['F2', trans.__('labels')],
    ['Delete', trans.__('delete, with ten seconds to undo')]
  ];
}

function nounKeys(trans: TranslationBundle): IKeys[] {
  const undone = trans.__('delete, with ten seconds to undo');
  const asked = trans.__('delete, after a question');
  return [
    {
      title: trans.__('Artifacts'),
      keys: [
        ['I', trans.__('insert the lines that load it')],
        ['Y', trans.__('copy the address')],
        ['Delete', undone]
      ]
    },
    {
      title: trans.__('Functions'),
      keys: [
        ['R', trans.__('run, after a form')],
        ['Delete', undone]
      ]
    },
    {
      title: trans.__('Schedules'),
      keys: [
        ['R', trans.__('run at once')],
        ['P', trans.__('pause, or go on')],
        ['Delete', asked]
      ]
    },
    {
      title: trans.__('Alerts'),
      keys: [
        ['R', trans.__('reset: have it listen again')],
        ['Delete', asked]
      ]
    }
  ];
}

function logKeys(trans: TranslationBundle): IKeys['keys'] {
  return [
    [accel('F'), trans.__('search')],
    [accel('G'), trans.__('next match; with Shift the one before')],
    ['F8', trans.__('next problem; with Shift the one before')],
    ['End', trans.__('follow')],
    ['W', trans.__('wrap long lines')]
  ];
}

class KeysBody extends ReactWidget {
  constructor(
    private _groups: readonly IKeys[],
    label: string
  ) {
    super();
    this.addClass('jp-mlrun-keys');
    // it is longer than a small window: the keyboard scrolls what has the focus
    this.node.tabIndex = 0;
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', label);
  }

  protected render() {
    return this._groups.map(({ title, keys }) => (
      <section key={title} aria-label={title}>
        <h2>{title}</h2>
        <dl>
          {keys.map(([key, what]) => (
            <React.Fragment key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{what}</dd>
            </React.Fragment>
          ))}
        </dl>
      </section>
    ));
  }
}

/** The list of keys: a dialog that one of them opens. */
export const keysPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlrun:keys',
  description: 'A list of the keys of MLRun.',
  autoStart: true,
  optional: [ITranslator, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    translator: ITranslator | null,
    palette: ICommandPalette | null
  ): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const { commands } = app;
    commands.addCommand(CommandIDs.showKeys, {
      label: trans.__('Show the Keys of MLRun'),
      describedBy: NO_ARGS,
      execute: () =>
        new Dialog({
          title: trans.__('Keys of MLRun'),
          body: new KeysBody(keysOf(commands, trans), trans.__('List of keys')),
          buttons: [Dialog.okButton({ label: trans.__('Close') })]
        }).launch()
    });
    palette?.addItem({
      command: CommandIDs.showKeys,
      category: trans.__('MLRun')
    });
  }
};
