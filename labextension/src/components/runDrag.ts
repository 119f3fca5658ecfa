import type { IRunRef } from '../api/documents';

/** What a run becomes where it is dropped into a cell: the line that reads it. */
export function runDragText({ project, uid }: IRunRef): string {
  const [id, name] = [uid, project].map(text => JSON.stringify(text));
  return `from jupyter_mlrun import get_run\nrun = get_run(${id}, ${name})\n`;
}
