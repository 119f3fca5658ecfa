import type { Cell } from '@jupyterlab/cells';
import type * as nbformat from '@jupyterlab/nbformat';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { Contents } from '@jupyterlab/services';
import type { IRunOrigin } from '../api/documents';

/** The path of a notebook as the service knows it: without the drive that shares it. */
export function servicePath(path: string): string {
  return path.replace(/^[A-Za-z]+:/, '').replace(/^\/+/, '');
}

/** The open notebook of a path, or null. */
export function findNotebook(
  tracker: INotebookTracker | null,
  path: string
): NotebookPanel | null {
  const wanted = servicePath(path);
  return (
    tracker?.find(panel => servicePath(panel.context.path) === wanted) ?? null
  );
}

/** The cell of an id in an open notebook, or null. */
export function findCell(panel: NotebookPanel, id: string): Cell | null {
  return panel.content.widgets.find(cell => cell.model.id === id) ?? null;
}

/** The text of the cell that a run came from as it is now, open or saved; null when it is gone. */
export async function readCellSource(
  contents: Contents.IManager,
  tracker: INotebookTracker | null,
  origin: IRunOrigin | undefined
): Promise<string | null> {
  const { notebook, cell_id: id } = origin ?? {};
  if (!notebook || !id) {
    return null;
  }
  const panel = findNotebook(tracker, notebook);
  if (panel) {
    return findCell(panel, id)?.model.sharedModel.getSource() ?? null;
  }
  try {
    const file = await contents.get(servicePath(notebook), { content: true });
    const { cells } = file.content as nbformat.INotebookContent;
    const source = cells.find(cell => cell.id === id)?.source;
    return Array.isArray(source) ? source.join('') : (source ?? null);
  } catch {
    // a notebook that was moved or deleted has no cell to compare with
    return null;
  }
}
