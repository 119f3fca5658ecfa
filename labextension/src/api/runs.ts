import { ServerConnection } from '@jupyterlab/services';
import type { IRun, IRunPage, IRunRef, IRunRow, JsonMap } from './documents';
import { joinPath, request } from './request';

/** Which runs a list shows, in which order. */
export interface IRunQuery {
  /** All projects when it is null. */
  project: string | null;
  /** The filter, in the words of the filter box. */
  q?: string;
  states?: readonly string[];
  function?: string;
  notebook?: string;
  /** Column, with a `-` before it when descending. */
  sort?: string;
  offset?: number;
  limit?: number;
  signal?: AbortSignal;
}

/** A page of the runs that match. */
export function listRuns(
  settings: ServerConnection.ISettings,
  query: IRunQuery
): Promise<IRunPage> {
  const { signal, states, project, ...rest } = query;
  return request(settings, 'lab/runs', {
    query: { ...rest, project, states: states?.join(',') },
    signal
  });
}

/** A run's whole document; a child iteration by its number. */
export async function readRun(
  settings: ServerConnection.ISettings,
  ref: IRunRef,
  iter = 0
): Promise<IRun> {
  const path = `projects/${joinPath(ref.project)}/runs/${joinPath(ref.uid)}`;
  const answer = await request<{ data: IRun }>(settings, path, {
    query: { iter }
  });
  return answer.data;
}

/** Ask for the end of a run. */
export async function stopRun(
  settings: ServerConnection.ISettings,
  ref: IRunRef
): Promise<void> {
  const path = `projects/${joinPath(ref.project)}/runs/${joinPath(ref.uid)}/abort`;
  await request(settings, path, { method: 'POST', body: {} });
}

/** Delete a run with its log. Artifacts stay. */
export async function deleteRun(
  settings: ServerConnection.ISettings,
  ref: IRunRef
): Promise<void> {
  const path = `projects/${joinPath(ref.project)}/runs/${joinPath(ref.uid)}`;
  await request(settings, path, { method: 'DELETE' });
}

/** Run again what a run ran, with other parameters or inputs where given. */
export async function rerun(
  settings: ServerConnection.ISettings,
  ref: IRunRef,
  changes: { parameters?: JsonMap; inputs?: Record<string, string> } = {}
): Promise<IRun> {
  const path = `lab/runs/${joinPath(ref.project, ref.uid)}/rerun`;
  const answer = await request<{ data: IRun }>(settings, path, {
    method: 'POST',
    body: { parameters: {}, inputs: {}, ...changes }
  });
  return answer.data;
}

/** The last run of each cell of a notebook, by cell id. */
export async function lastRunsOfCells(
  settings: ServerConnection.ISettings,
  notebook: string
): Promise<Record<string, IRunRow>> {
  const answer = await request<{ cells: Record<string, IRunRow> }>(
    settings,
    'lab/cells',
    { query: { notebook } }
  );
  return answer.cells;
}
