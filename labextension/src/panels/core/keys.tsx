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
    {
      title: trans.__('Lists and tables'),
      keys: [
        ['↑ ↓ Home End', trans.__('move')],
        ['→ ←', trans.__('show what belongs to the row, hide it')],
        ['Enter', trans.__('open; with Ctrl at the side')],
        ['Space', trans.__('select; Shift ↑ ↓ select more, Ctrl A all')],
        ['L  R  S', trans.__('log, rerun with edits, stop')],
        ['C', trans.__('compare what is selected')],
        ['Y', trans.__('copy the id')],
        ['F2', trans.__('labels')],
        ['Delete', trans.__('delete, with ten seconds to undo')],
        ['Shift F10', trans.__('menu of the row')],
        ['/', trans.__('filter')],
        ['Escape', trans.__('selection, then filter, then back')]
      ]
    },
    {
      title: trans.__('Logs'),
      keys: [
        ['Ctrl F', trans.__('search; Ctrl G and Ctrl Shift G go on')],
        ['F8', trans.__('next problem; with Shift the one before')],
        ['End', trans.__('follow')],
        ['W', trans.__('wrap long lines')]
      ]
    },
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

class KeysBody extends ReactWidget {
  constructor(private _groups: readonly IKeys[]) {
    super();
    this.addClass('jp-mlrun-keys');
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
          body: new KeysBody(keysOf(commands, trans)),
          buttons: [Dialog.okButton({ label: trans.__('Close') })]
        }).launch()
    });
    palette?.addItem({
      command: CommandIDs.showKeys,
      category: trans.__('MLRun')
    });
  }
};
