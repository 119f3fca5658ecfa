import { ServerConnection } from '@jupyterlab/services';
import type { IBackgroundTask } from './backgroundTasks';
import type {
  IActivity,
  IMatching,
  IRun,
  IRunPage,
  IRunRef,
  IRunRow,
  JsonMap
} from './documents';
import { joinPath, request } from './request';

/** Which runs a list shows, in which order. */
export interface IRunQuery {
  /** All projects when it is null. */
  project: string | null;
  /** The filter, in the words of the filter box. */
  q?: string;
  states?: readonly string[];
  /** A function, or one version of it: `name@hash`. */
  function?: string;
  notebook?: string;
  /** Column, with a `-` before it when descending. */
  sort?: string;
  /** What the rows are grouped by, before their order. */
  group?: string;
  offset?: number;
  limit?: number;
  signal?: AbortSignal;
}

/** A page of the runs that match. */
export function listRuns(
  settings: ServerConnection.ISettings,
  query: IRunQuery
): Promise<IRunPage> {
  const { signal, states, project, group, ...rest } = query;
  return request(settings, 'lab/runs', {
    query: {
      ...rest,
      project,
      states: states?.join(','),
      group,
      zone: group === 'day' ? timeZone() : undefined
    },
    signal
  });
}

function timeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
}

/** When the runs that match started. */
export function readActivity(
  settings: ServerConnection.ISettings,
  query: IRunQuery
): Promise<IActivity> {
  const { signal, states, project, q, notebook } = query;
  return request(settings, 'lab/runs/activity', {
    query: { project, q, notebook, states: states?.join(',') },
    signal
  });
}

/** The rows of a run's iterations. */
export async function listIterations(
  settings: ServerConnection.ISettings,
  ref: IRunRef
): Promise<IRunRow[]> {
  const path = `lab/runs/${joinPath(ref.project, ref.uid)}/iterations`;
  return (await request<{ rows: IRunRow[] }>(settings, path)).rows;
}

/** Replace the labels of a run. */
export async function setLabels(
  settings: ServerConnection.ISettings,
  ref: IRunRef,
  labels: Record<string, string>
): Promise<void> {
  const path = `projects/${joinPath(ref.project)}/runs/${joinPath(ref.uid)}`;
  await request(settings, path, {
    method: 'PATCH',
    body: { 'metadata.labels': labels }
  });
}

/** The runs that a choice means, at most so many. */
export async function listMatching(
  settings: ServerConnection.ISettings,
  matching: IMatching,
  most: number
): Promise<IRunRow[]> {
  const { project, q, states, notebook, before, except } = matching;
  const { rows } = await listRuns(settings, {
    project,
    q: `${q} until:${before}`.trim(),
    states,
    notebook: notebook ?? undefined,
    limit: most + except.length
  });
  return rows.filter(({ uid }) => !except.includes(uid));
}

/** Delete or stop all runs of a project that match, as a background task. */
export function changeMatching(
  settings: ServerConnection.ISettings,
  project: string,
  action: 'delete' | 'abort',
  matching: IMatching
): Promise<IBackgroundTask> {
  const { q, states, notebook, before, except } = matching;
  return request(settings, `lab/runs/${joinPath(project)}/bulk`, {
    method: 'POST',
    body: {
      action,
      q,
      states,
      notebook: notebook ?? '',
      before,
      except,
      background: true
    }
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

/** A run that took what another left, with those of its inputs. */
export interface IRunUser {
  row: IRunRow;
  inputs: Record<string, string>;
}

/** The runs whose inputs are outputs of a run. */
export async function readRunUsers(
  settings: ServerConnection.ISettings,
  ref: IRunRef
): Promise<IRunUser[]> {
  const answer = await request<{ users: IRunUser[] }>(
    settings,
    `lab/runs/${joinPath(ref.project, ref.uid)}/users`
  );
  return answer.users;
}
