import { ServerConnection } from '@jupyterlab/services';
import { joinPath, request } from './request';
import type { INamedRef } from './schedules';

/** Whom an alert or a run tells, without what is secret of it. */
export interface INotification {
  kind: string;
  name: string;
  message?: string;
  severity?: string;
  when?: string[];
  condition?: string;
  status?: string | null;
  sent_time?: string | null;
  reason?: string | null;
}

/** What an alert listens to, and whether it is active. */
export interface IAlert extends INamedRef {
  id: number;
  state: 'active' | 'inactive';
  count: number;
  severity: 'low' | 'medium' | 'high';
  summary: string;
  description?: string;
  entities: { kind: string; ids: string[] };
  trigger: { events?: string[]; prometheus_alert?: string | null };
  criteria: { count: number; period: string | null } | null;
  reset_policy: 'auto' | 'manual';
  cooldown_period?: string | null;
  notifications: {
    notification: INotification;
    cooldown_period?: string | null;
  }[];
  created: string | null;
  updated?: string | null;
}

/** One time that an alert became active. */
export interface IActivation extends INamedRef {
  id: number;
  severity: string;
  activation_time: string;
  entity_id: string;
  entity_kind: string;
  event_kind: string;
  number_of_events: number;
  notifications: {
    kind: string;
    err?: string | null;
    summary?: { failed: number; succeeded: number };
  }[];
  reset_time: string | null;
}

const LAST = 50;

function pathOf(ref: INamedRef): string {
  return `projects/${joinPath(ref.project)}/alerts/${joinPath(ref.name)}`;
}

/** The alerts of a project, or of all (null). */
export async function listAlerts(
  settings: ServerConnection.ISettings,
  project: string | null
): Promise<IAlert[]> {
  const answer = await request<{ alerts: IAlert[] } | IAlert[]>(
    settings,
    `projects/${project === null ? '*' : joinPath(project)}/alerts`
  );
  return Array.isArray(answer) ? answer : answer.alerts;
}

/** One alert. */
export function readAlert(
  settings: ServerConnection.ISettings,
  ref: INamedRef
): Promise<IAlert> {
  return request(settings, pathOf(ref));
}

/** Have an alert listen again. */
export async function resetAlert(
  settings: ServerConnection.ISettings,
  ref: INamedRef
): Promise<void> {
  await request(settings, `${pathOf(ref)}/reset`, { method: 'POST', body: {} });
}

/** Delete an alert. */
export async function deleteAlert(
  settings: ServerConnection.ISettings,
  ref: INamedRef
): Promise<void> {
  await request(settings, pathOf(ref), { method: 'DELETE' });
}

/** The last times that an alert became active, newest first. */
export async function listActivations(
  settings: ServerConnection.ISettings,
  ref: INamedRef
): Promise<IActivation[]> {
  const answer = await request<{ activations: IActivation[] }>(
    settings,
    `projects/${joinPath(ref.project)}/alert-activations`,
    { query: { name: ref.name, page: 1, 'page-size': LAST } }
  );
  return answer.activations;
}
