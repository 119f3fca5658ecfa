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

/** The events that alerts listen to, and of what kind of thing they tell. */
export const ALERT_EVENTS: Readonly<Record<string, string>> = {
  failed: 'job',
  'data-drift-detected': 'model-endpoint-result',
  'data-drift-suspected': 'model-endpoint-result',
  'concept-drift-detected': 'model-endpoint-result',
  'concept-drift-suspected': 'model-endpoint-result',
  'model-performance-detected': 'model-endpoint-result',
  'model-performance-suspected': 'model-endpoint-result',
  'system-performance-detected': 'model-endpoint-result',
  'system-performance-suspected': 'model-endpoint-result',
  'mm-app-anomaly-detected': 'model-endpoint-result',
  'mm-app-anomaly-suspected': 'model-endpoint-result',
  'mm-app-failed': 'model-monitoring-application',
  'model-monitoring-lag-detected': 'model-monitoring-infra'
};

/** Whom an alert tells. */
export type Told = 'webhook' | 'slack';

/** An alert as it is typed. */
export interface INewAlert {
  name: string;
  /** A name, or a pattern of names. */
  entity: string;
  event: string;
  severity: 'low' | 'medium' | 'high';
  count: number;
  /** `10m`; empty is ever. */
  period: string;
  reset: 'auto' | 'manual';
  told: Told;
  /** Where it is told; it goes in and never comes out. */
  address: string;
}

/** Store an alert under its name. */
export async function saveAlert(
  settings: ServerConnection.ISettings,
  project: string,
  alert: INewAlert
): Promise<void> {
  const { name, entity, event, severity, count, period, reset } = alert;
  await request(settings, pathOf({ project, name }), {
    method: 'PUT',
    body: {
      project,
      name,
      severity,
      summary: `${event}: ${entity}`,
      entities: {
        kind: ALERT_EVENTS[event],
        project,
        ids: [entity.trim()]
      },
      trigger: { events: [event] },
      criteria: { count, period: period.trim() || null },
      reset_policy: reset,
      notifications: toldOf(alert)
    }
  });
}

function toldOf({ name, severity, told, address, event }: INewAlert): object[] {
  const secret = told === 'slack' ? 'webhook' : 'url';
  return [
    {
      notification: {
        kind: told,
        name: `${name}-${told}`,
        message: `${name}: ${event}`,
        severity: severity === 'high' ? 'error' : 'warning',
        when: ['error'],
        condition: '',
        secret_params: { [secret]: address.trim() }
      }
    }
  ];
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
