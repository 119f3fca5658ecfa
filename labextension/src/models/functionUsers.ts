import type { IRunRow } from '../api/documents';
import { parseFunctionUri } from '../api/functions';
import type { ISchedule } from '../api/schedules';

const SCHEDULE = 'mlrun/schedule-name';
const WORKFLOW = 'workflow';
const NEWEST = 'latest';

/** What runs a function: a notebook, a schedule, a workflow, or a person's own code. */
export interface IFunctionUser {
  kind: 'notebook' | 'schedule' | 'workflow' | 'person';
  name: string;
  /** How many of the runs that were looked at it began. */
  runs: number;
  /** The newest of them; null where it has begun none yet. */
  last: IRunRow | null;
}

/** A version of a function, as far as schedules can name it. */
export interface INamedVersion {
  hash: string;
  tags: readonly string[];
  isNewest: boolean;
}

/** Whether a schedule runs this version: it names its hash or a tag of it, or takes the newest. */
export function isScheduled(
  schedule: ISchedule,
  ref: { project: string; name: string },
  version: INamedVersion
): boolean {
  const text = schedule.scheduled_object?.task?.spec?.function ?? '';
  const found = parseFunctionUri(
    text.includes('/') ? text : `${ref.project}/${text}`
  );
  if (found?.project !== ref.project || found.name !== ref.name) {
    return false;
  }
  if (found.hash) {
    return found.hash === version.hash;
  }
  return found.tag && found.tag !== NEWEST
    ? version.tags.includes(found.tag)
    : version.isNewest;
}

/** Who uses a version, of its runs (newest first) and the schedules that run it. */
export function usersOf(
  rows: readonly IRunRow[],
  schedules: readonly string[]
): IFunctionUser[] {
  const users = new Map<string, IFunctionUser>();
  const add = (
    kind: IFunctionUser['kind'],
    name: string,
    last: IRunRow | null
  ) => {
    const key = `${kind} ${name}`;
    const known = users.get(key) ?? { kind, name, runs: 0, last };
    known.runs += last ? 1 : 0;
    users.set(key, known);
  };
  for (const row of rows) {
    const { labels, notebook, owner } = row;
    if (labels[SCHEDULE]) {
      add('schedule', labels[SCHEDULE], row);
    } else if (labels[WORKFLOW]) {
      add('workflow', labels[WORKFLOW], row);
    } else if (notebook) {
      add('notebook', notebook, row);
    } else {
      add('person', owner ?? '', row);
    }
  }
  for (const name of schedules) {
    if (!users.has(`schedule ${name}`)) {
      add('schedule', name, null);
    }
  }
  return [...users.values()];
}
