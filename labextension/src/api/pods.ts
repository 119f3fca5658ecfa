import { ServerConnection } from '@jupyterlab/services';
import type { IRunRef } from './documents';
import { joinPath, request, send } from './request';

/** A pod of a run, or of the service on its cluster. */
export interface IPod {
  name: string;
  namespace: string;
  role?: string;
  node?: string | null;
  phase: string;
  state?: string | null;
  reason?: string | null;
  exit_code?: number | null;
  ip?: string | null;
  created?: string | null;
  started?: string | null;
  restarts?: number;
  attempt?: number | null;
  images?: string[];
}

/** Something that the cluster says of a pod. */
export interface IPodEvent {
  time: string | null;
  type: string;
  reason: string;
  message: string;
  count?: number;
  object?: string;
}

/** Where a run ran, what of it is on the cluster, and its further logs. */
export interface IRunPods {
  place: 'here' | 'kubernetes';
  place_reason: string;
  pods: IPod[];
  events: IPodEvent[];
  /** Names of the logs of ranks and workers. */
  parts: string[];
}

/** The cluster of the service. */
export interface ICluster {
  configured: boolean;
  host?: string;
  namespace?: string;
  /** Those that the service may list, at least its own. */
  namespaces?: string[];
  url?: string;
  kinds?: string[];
  operators?: Record<string, boolean>;
  troubles?: string[];
  contexts: {
    name: string;
    cluster?: string;
    namespace?: string;
    current?: boolean;
  }[];
  pods: IPod[];
  /** What the cluster tells of the namespace, newest first. */
  events?: IPodEvent[];
}

function pathOf(ref: IRunRef): string {
  return `lab/runs/${joinPath(ref.project, ref.uid)}`;
}

/** The pods of a run, while it lives and after. */
export function readRunPods(
  settings: ServerConnection.ISettings,
  ref: IRunRef
): Promise<IRunPods> {
  return request(settings, `${pathOf(ref)}/pods`);
}

/** The end of the log of a rank or worker. */
export async function readPart(
  settings: ServerConnection.ISettings,
  ref: IRunRef,
  name: string,
  most: number
): Promise<{ text: string; total: number }> {
  const path = `${pathOf(ref)}/parts/${joinPath(name)}`;
  const sizeOf = (answer: Response) =>
    Number(answer.headers.get('X-Mlrun-Log-Size') ?? 0);
  const first = await send(settings, path, {
    query: { offset: 0, size: most }
  });
  const total = sizeOf(first);
  const answer =
    total > most
      ? await send(settings, path, {
          query: { offset: total - most, size: most }
        })
      : first;
  return { text: await answer.text(), total };
}

/** The cluster: whether one is configured, whether it answers, what is on it. */
export function readCluster(
  settings: ServerConnection.ISettings
): Promise<ICluster> {
  return request(settings, 'lab/cluster');
}
