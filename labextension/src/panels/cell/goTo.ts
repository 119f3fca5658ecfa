import { Notification } from '@jupyterlab/apputils';
import type { Cell } from '@jupyterlab/cells';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { IRunRef } from '../../api/documents';
import { reasonOf } from '../../api/request';
import { readRun } from '../../api/runs';
import { findCell, findNotebook, servicePath } from '../../models/notebooks';
import type { IMLRunService } from '../../tokens';

const FLASH = 'jp-mlrun-shown';
const FLASH_MS = 1500;

/** What going to a cell needs. */
export interface IGoContext {
  service: IMLRunService;
  notebooks: INotebookTracker;
  commands: CommandRegistry;
  trans: TranslationBundle;
  activate: (id: string) => void;
}

interface IPlace {
  notebook: string | null;
  cell: string | null;
}

async function placeOf(context: IGoContext, ref: IRunRef): Promise<IPlace> {
  const row = context.service.row(ref.project, ref.uid);
  if (row) {
    return { notebook: row.notebook, cell: row.cell_id };
  }
  const { origin } = (await readRun(context.service.settings, ref)).spec;
  return { notebook: origin?.notebook ?? null, cell: origin?.cell_id ?? null };
}

async function openNotebook(
  context: IGoContext,
  path: string
): Promise<NotebookPanel | null> {
  const known = findNotebook(context.notebooks, path);
  if (known) {
    context.activate(known.id);
  } else {
    await context.commands.execute('docmanager:open', {
      path: servicePath(path)
    });
  }
  const panel = known ?? findNotebook(context.notebooks, path);
  await panel?.context.ready;
  return panel;
}

/** Make a cell the active one, with the cursor in a line where one is given. */
export async function reveal(
  panel: NotebookPanel,
  cell: Cell,
  line: number | undefined
): Promise<void> {
  const notebook = panel.content;
  notebook.activeCellIndex = notebook.widgets.indexOf(cell);
  await notebook.scrollToCell(cell, 'smart');
  await cell.ready;
  cell.addClass(FLASH);
  setTimeout(() => cell.removeClass(FLASH), FLASH_MS);
  if (line !== undefined && cell.editor) {
    notebook.mode = 'edit';
    const last = cell.editor.lineCount - 1;
    const position = { line: Math.min(line - 1, last), column: 0 };
    cell.editor.setCursorPosition(position);
    cell.editor.revealPosition(position);
    cell.editor.focus();
  } else {
    notebook.node.focus();
  }
}

/** Show the cell that a run came from, at a line where one is given; says why when it cannot. */
export async function goToCell(
  context: IGoContext,
  ref: IRunRef,
  line?: number
): Promise<void> {
  const { trans } = context;
  try {
    const { notebook, cell: id } = await placeOf(context, ref);
    if (!notebook || !id) {
      Notification.warning(
        trans.__(
          'This run came from no cell: it was not sent from a notebook.'
        ),
        { autoClose: 8000 }
      );
      return;
    }
    const panel = await openNotebook(context, notebook);
    const cell = panel && findCell(panel, id);
    if (!cell) {
      Notification.warning(
        trans.__(
          'The cell of this run is not in %1 any more. Its code is in the run, section Code.',
          notebook
        ),
        { autoClose: 8000 }
      );
      return;
    }
    await reveal(panel, cell, line);
  } catch (reason) {
    Notification.error(
      trans.__('The cell was not found: %1', reasonOf(reason)),
      { autoClose: false }
    );
  }
}
