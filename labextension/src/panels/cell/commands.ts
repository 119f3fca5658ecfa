import { Clipboard, Notification } from '@jupyterlab/apputils';
import { MarkdownCell } from '@jupyterlab/cells';
import { NotebookActions } from '@jupyterlab/notebook';
import { Menu } from '@lumino/widgets';
import type { IRunRow } from '../../api/documents';
import { isLive } from '../../api/documents';
import { reasonOf } from '../../api/request';
import { readRun } from '../../api/runs';
import { CommandIDs, NO_ARGS, RUN_ARGS, runOfArgs } from '../../commands';
import { glyphIcon } from '../../components/icons';
import { IGoContext, goToCell } from './goTo';
import { goToPlace } from './goToPlace';

/** The command of the cell toolbar's button. */
export const CELL_MENU = 'jupyter-mlrun:cell-menu';

/** The command that makes a run of a cell. */
export const MAKE_RUN = 'jupyter-mlrun:make-run';

/** What the commands of cells need. */
export interface ICellContext extends IGoContext {
  /** The last run of the active cell, or undefined. */
  lastRun: () => IRunRow | undefined;
}

const MENU = [
  CommandIDs.lastRunOfCell,
  CommandIDs.logOfCell,
  CommandIDs.goToFailingLine,
  CommandIDs.rerunCell,
  CommandIDs.stopRunOfCell,
  CommandIDs.compareLastTwo
] as const;

/** Add the commands about the active cell and its last run, and those that lead to a cell. */
export function addCellCommands(context: ICellContext): void {
  addRunsOfCell(context);
  addPlaces(context);
  addMenu(context);
}

function addRunsOfCell(context: ICellContext): void {
  const { commands, trans, lastRun } = context;
  const about = (
    id: string,
    label: string,
    use: (row: IRunRow) => unknown,
    fits: (row: IRunRow) => boolean = () => true
  ) =>
    commands.addCommand(id, {
      label,
      describedBy: NO_ARGS,
      isEnabled: () => {
        const row = lastRun();
        return row !== undefined && fits(row);
      },
      execute: async () => {
        const row = lastRun();
        if (row && fits(row)) {
          await use(row);
        }
      }
    });
  const onRun = (command: string) => (row: IRunRow) =>
    commands.execute(command, { project: row.project, uid: row.uid });
  about(
    CommandIDs.lastRunOfCell,
    trans.__('Last Run of This Cell'),
    onRun(CommandIDs.openRun)
  );
  about(
    CommandIDs.logOfCell,
    trans.__('Log of This Cell’s Last Run'),
    onRun(CommandIDs.openLog)
  );
  about(
    CommandIDs.stopRunOfCell,
    trans.__('Stop This Cell’s Run'),
    onRun(CommandIDs.stopRun),
    row => isLive(row.state)
  );
  about(
    CommandIDs.rerunCell,
    trans.__('Rerun This Cell’s Run with Edits…'),
    onRun(CommandIDs.editAndRerun)
  );
  about(
    CommandIDs.goToFailingLine,
    trans.__('Go to the Failing Line'),
    row => goToFailingLine(context, row),
    row => row.state === 'error'
  );
}

async function goToFailingLine(
  context: ICellContext,
  row: IRunRow
): Promise<void> {
  const run = await readRun(context.service.settings, row);
  const frames = run.status.error_frames ?? [];
  const line = frames.filter(frame => frame.cell).pop()?.cell_line;
  await goToCell(context, row, line ?? undefined);
}

function addPlaces(context: ICellContext): void {
  const { commands, trans, notebooks, service } = context;
  commands.addCommand(CommandIDs.goToCell, {
    label: trans.__('Go to Cell'),
    describedBy: RUN_ARGS,
    isEnabled: args => runOfArgs(args) !== null,
    execute: async args => {
      const ref = runOfArgs(args);
      if (ref) {
        const line = typeof args.line === 'number' ? args.line : undefined;
        await goToCell(context, ref, line);
      }
    }
  });
  commands.addCommand(CommandIDs.goToPlace, {
    label: trans.__('Go to the Place That a Log Names'),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          project: { type: 'string', description: 'Project of the run' },
          uid: { type: 'string', description: 'Id of the run' },
          file: { type: 'string', description: 'A path, or <cell NAME>' },
          line: { type: 'integer', description: 'Line to show' }
        },
        required: ['project', 'uid', 'file', 'line']
      }
    },
    isEnabled: args => runOfArgs(args) !== null,
    execute: async args => {
      const ref = runOfArgs(args);
      if (ref) {
        await goToPlace(context, ref, String(args.file), Number(args.line));
      }
    }
  });
  commands.addCommand(CommandIDs.insertCell, {
    label: trans.__('Insert in a New Cell'),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          source: { type: 'string', description: 'Text of the new cell' },
          markdown: {
            type: 'boolean',
            description: 'Whether the new cell is Markdown'
          }
        },
        required: ['source']
      }
    },
    isEnabled: () => notebooks.currentWidget !== null,
    execute: args => {
      const panel = notebooks.currentWidget;
      if (panel) {
        NotebookActions.insertBelow(panel.content);
        panel.content.activeCell?.model.sharedModel.setSource(
          String(args.source ?? '')
        );
        if (args.markdown === true) {
          NotebookActions.changeCellType(panel.content, 'markdown');
          const cell = panel.content.activeCell;
          if (cell instanceof MarkdownCell) {
            cell.rendered = true;
          }
        }
        context.activate(panel.id);
      }
    }
  });
  commands.addCommand(CommandIDs.copyLine, {
    label: trans.__('Copy Line'),
    describedBy: RUN_ARGS,
    isEnabled: args => runOfArgs(args) !== null,
    execute: async args => {
      const ref = runOfArgs(args);
      if (!ref) {
        return;
      }
      try {
        const { origin } = (await readRun(service.settings, ref)).spec;
        if (origin?.command_line) {
          Clipboard.copyToSystem(origin.command_line);
        } else {
          Notification.info(trans.__('This run was not started by a line.'), {
            autoClose: 8000
          });
        }
      } catch (reason) {
        Notification.error(
          trans.__('The line was not copied: %1', reasonOf(reason)),
          { autoClose: false }
        );
      }
    }
  });
}

/** A name for a run, taken from the notebook's file. */
export function nameOf(path: string): string {
  const base =
    path
      .split('/')
      .pop()
      ?.replace(/\.ipynb$/, '') ?? '';
  const name = base
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[-0-9]+|-+$/g, '');
  return name || 'run';
}

function addMenu(context: ICellContext): void {
  const { commands, trans, notebooks } = context;
  commands.addCommand(MAKE_RUN, {
    label: trans.__('Make a Run of This Cell'),
    describedBy: NO_ARGS,
    isEnabled: () => {
      const cell = notebooks.activeCell;
      return (
        cell?.model.type === 'code' &&
        !cell.model.sharedModel.getSource().startsWith('%%')
      );
    },
    execute: () => {
      const model = notebooks.activeCell?.model.sharedModel;
      const name = nameOf(notebooks.currentWidget?.context.path ?? '');
      model?.setSource(`%%mlrun ${name}\n${model.getSource()}`);
    }
  });
  commands.addCommand(CELL_MENU, {
    label: '',
    caption: trans.__('MLRun: runs of this cell'),
    icon: glyphIcon('mlrun'),
    describedBy: NO_ARGS,
    isVisible: () => notebooks.activeCell?.model.type === 'code',
    execute: () => {
      const menu = new Menu({ commands });
      menu.addItem({ command: MAKE_RUN });
      menu.addItem({ type: 'separator' });
      for (const command of MENU) {
        if (commands.hasCommand(command)) {
          menu.addItem({ command });
        }
      }
      menu.aboutToClose.connect(() => {
        // the command that was chosen runs after this signal
        setTimeout(() => menu.dispose());
      });
      const button = notebooks.activeCell?.node.querySelector(
        `[data-command="${CELL_MENU}"]`
      );
      const box = (button ?? document.body).getBoundingClientRect();
      menu.open(box.left, box.bottom);
    }
  });
}
