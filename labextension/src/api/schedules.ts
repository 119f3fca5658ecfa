import { ServerConnection } from '@jupyterlab/services';
import type { IFunction, IRun, JsonMap } from './documents';
import { joinPath, request } from './request';

/** An object that its project knows by name. */
export interface INamedRef {
  project: string;
  name: string;
}

/** When something runs, in cron's fields; the zone is an IANA name. */
export interface ICronTrigger {
  minute?: string | number | null;
  hour?: string | number | null;
  day?: string | number | null;
  month?: string | number | null;
  day_of_week?: string | number | null;
  timezone?: string | null;
  [key: string]: unknown;
}

/** A schedule with its next times and its last run. */
export interface ISchedule extends INamedRef {
  kind: string;
  state: 'active' | 'paused' | 'completed';
  next_run_time: string | null;
  next_run_times: string[];
  cron_trigger: ICronTrigger;
  last_run_uri: string | null;
  last_run: Partial<IRun> | null;
  labels: Record<string, string>;
  concurrency_limit: number;
  if_busy: 'skip' | 'wait';
  if_late: 'run' | 'skip';
  owner: string;
  /** Who keeps the time. */
  keeper: string;
  creation_time: string;
  status: {
    skipped?: number;
    skipped_at?: string;
    error?: string;
    error_at?: string;
  };
  scheduled_object?: {
    task?: {
      metadata?: { name?: string };
      spec?: {
        function?: string;
        handler?: string;
        parameters?: JsonMap;
        inputs?: Record<string, string>;
      };
    };
  } | null;
}

/** What can be changed of a schedule. */
export interface IScheduleChange {
  desired_state?: 'active' | 'paused';
  cron_trigger?: ICronTrigger | string;
  if_busy?: 'skip' | 'wait';
  if_late?: 'run' | 'skip';
  concurrency_limit?: number;
}

function pathOf(ref: INamedRef): string {
  return `projects/${joinPath(ref.project)}/schedules/${joinPath(ref.name)}`;
}

/** The schedules of a project, or of all (null), each with its last run. */
export async function listSchedules(
  settings: ServerConnection.ISettings,
  project: string | null
): Promise<ISchedule[]> {
  const answer = await request<{ schedules: ISchedule[] }>(
    settings,
    `projects/${project === null ? '*' : joinPath(project)}/schedules`,
    { query: { include_last_run: true } }
  );
  return answer.schedules;
}

/** One schedule with its last run. */
export function readSchedule(
  settings: ServerConnection.ISettings,
  ref: INamedRef
): Promise<ISchedule> {
  return request(settings, pathOf(ref), { query: { include_last_run: true } });
}

/** Change a schedule. */
export async function changeSchedule(
  settings: ServerConnection.ISettings,
  ref: INamedRef,
  change: IScheduleChange
): Promise<void> {
  await request(settings, pathOf(ref), { method: 'PUT', body: change });
}

/** Run what a schedule runs, now. */
export async function invokeSchedule(
  settings: ServerConnection.ISettings,
  ref: INamedRef
): Promise<IRun> {
  const answer = await request<{ data: IRun }>(
    settings,
    `${pathOf(ref)}/invoke`,
    { method: 'POST', body: {} }
  );
  return answer.data;
}

/** Delete a schedule; the runs that it has made stay. */
export async function deleteSchedule(
  settings: ServerConnection.ISettings,
  ref: INamedRef
): Promise<void> {
  await request(settings, pathOf(ref), { method: 'DELETE' });
}

/** The next times of a trigger that is not saved yet. */
export async function previewSchedule(
  settings: ServerConnection.ISettings,
  trigger: string
): Promise<{ next_run_times: string[]; timezone: string }> {
  return request(settings, 'lab/schedules/preview', {
    method: 'POST',
    body: { cron_trigger: trigger }
  });
}

/** Have a task run by a trigger: `CRON_TZ=Europe/Oslo 0 2 * * mon`. */
export async function createSchedule(
  settings: ServerConnection.ISettings,
  task: object,
  schedule: string,
  policies: Pick<IScheduleChange, 'if_busy' | 'if_late'> & {
    function?: IFunction;
  } = {}
): Promise<void> {
  await request(settings, 'submit_job', {
    method: 'POST',
    body: { task, schedule, ...policies }
  });
}
