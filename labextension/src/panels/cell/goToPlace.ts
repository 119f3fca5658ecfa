import { Clipboard, Notification } from '@jupyterlab/apputils';
import { CodeCell } from '@jupyterlab/cells';
import type { CodeEditor } from '@jupyterlab/codeeditor';
import { PageConfig } from '@jupyterlab/coreutils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { IRunOrigin, IRunRef } from '../../api/documents';
import { reasonOf } from '../../api/request';
import { readRun } from '../../api/runs';
import { findNotebook, servicePath } from '../../models/notebooks';
import { IGoContext, goToCell, reveal } from './goTo';

const CELL = /^<cell (.*)>$/;
const NUMBER = /^\[(\d+)\]$/;

const HOME = /^(\/root|\/home\/[^/]+|\/Users\/[^/]+)(?=\/)/;

/**
 * Folders that may be the one the server was started in: what a run says of its notebook,
 * then what Lab says, which may write the home folder as `~`.
 */
export function rootsOf(
  said: string,
  notebook: string,
  folder: string
): string[] {
  const inside = notebook.split('/').slice(0, -1).join('/');
  const roots: string[] = [];
  if (notebook && (inside === '' || folder.endsWith(`/${inside}`))) {
    roots.push(folder.slice(0, folder.length - inside.length) || '/');
  }
  if (said.startsWith('/') || /^[A-Za-z]:/.test(said)) {
    roots.push(said);
  }
  const home = HOME.exec(folder);
  if (home && /^~(\/|$)/.test(said)) {
    roots.push(home[1] + said.slice(1));
  }
  return roots;
}

/** The path below the server's root of a path on its disk; null where it lies elsewhere. */
export function pathBelow(
  root: string,
  file: string,
  folder: string
): string | null {
  const absolute = /^(\/|[A-Za-z]:[\\/])/.test(file);
  const whole = (absolute ? file : `${folder}/${file}`).replace(/\\/g, '/');
  const parts: string[] = [];
  for (const part of whole.split('/')) {
    if (part === '..') {
      parts.pop();
    } else if (part !== '.' && part !== '') {
      parts.push(part);
    }
  }
  const base = root.replace(/\\/g, '/').split('/').filter(Boolean);
  const isBelow =
    parts.length > base.length &&
    base.every((part, index) => parts[index] === part);
  return isBelow ? parts.slice(base.length).join('/') : null;
}

function cellOfNumber(panel: NotebookPanel, count: number): CodeCell | null {
  const found = panel.content.widgets.find(
    cell => cell instanceof CodeCell && cell.model.executionCount === count
  );
  return (found as CodeCell | undefined) ?? null;
}

async function goToFile(
  context: IGoContext,
  file: string,
  origin: IRunOrigin,
  line: number
): Promise<void> {
  const { commands, trans } = context;
  const { notebook, workdir } = origin;
  const folder = workdir ?? '';
  const said = PageConfig.getOption('serverRoot');
  const path = rootsOf(said, servicePath(notebook ?? ''), folder)
    .map(root => pathBelow(root, file, folder))
    .find(found => found !== null);
  if (path === undefined || path === null) {
    Notification.warning(
      trans.__(
        'JupyterLab does not show %1: it lies outside the folder that the server was started in.',
        file
      ),
      {
        autoClose: 8000,
        actions: [
          {
            label: trans.__('Copy path'),
            callback: () => Clipboard.copyToSystem(file)
          }
        ]
      }
    );
    return;
  }
  const widget = await commands.execute('docmanager:open', {
    path,
    factory: 'Editor'
  });
  await widget?.context?.ready;
  const editor = widget?.content?.editor as CodeEditor.IEditor | undefined;
  if (editor) {
    const position = {
      line: Math.max(0, Math.min(line, editor.lineCount) - 1),
      column: 0
    };
    editor.setCursorPosition(position);
    editor.revealPosition(position);
    editor.focus();
  }
}

/** Show the line of a cell or file that the log of a run names; says why when it cannot. */
export async function goToPlace(
  context: IGoContext,
  ref: IRunRef,
  file: string,
  line: number
): Promise<void> {
  const { trans, notebooks } = context;
  const cell = CELL.exec(file);
  const number = NUMBER.exec(cell?.[1] ?? '');
  if (cell && !number) {
    await goToCell(context, ref, line);
    return;
  }
  try {
    const { origin } = (await readRun(context.service.settings, ref)).spec;
    if (!number) {
      await goToFile(context, file, origin ?? {}, line);
      return;
    }
    const panel = findNotebook(notebooks, origin?.notebook ?? '');
    const found = panel && cellOfNumber(panel, Number(number[1]));
    if (found) {
      context.activate(panel.id);
      await reveal(panel, found, line);
    } else {
      Notification.warning(
        trans.__(
          'No open cell has the number %1 any more. The text that ran is in the run, section Code.',
          number[0]
        ),
        { autoClose: 8000 }
      );
    }
  } catch (reason) {
    Notification.error(
      trans.__('The place was not found: %1', reasonOf(reason)),
      { autoClose: false }
    );
  }
}
