import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import type { IEvent, IStatus } from './documents';
import { MOUNT, request } from './request';

/** A message of the events socket. */
export type SocketMessage =
  | { type: 'hello'; cursor: number; epoch: string }
  | { type: 'event'; event: IEvent };

/** What the socket asks for: projects (null for all) and the runs whose logs matter. */
export interface ISubscription {
  projects: readonly string[] | null;
  logs: readonly string[];
}

/** A WebSocket of the service; the server's token goes along only where Lab itself sends it. */
export function openSocket(
  settings: ServerConnection.ISettings,
  path: string,
  query: Readonly<Record<string, string>> = {}
): WebSocket {
  const url = new URL(
    URLExt.join(settings.wsUrl, MOUNT, path),
    document.location.href
  );
  for (const [name, value] of Object.entries(query)) {
    url.searchParams.set(name, value);
  }
  if (settings.appendToken && settings.token !== '') {
    url.searchParams.set('token', settings.token);
  }
  return new settings.WebSocket(url.toString());
}

/** The message in a frame, or null where it is none of ours. */
export function parseMessage(data: unknown): SocketMessage | null {
  if (typeof data !== 'string') {
    return null;
  }
  const message = JSON.parse(data) as { type?: unknown };
  return message.type === 'hello' || message.type === 'event'
    ? (message as SocketMessage)
    : null;
}

/** How the service is. */
export function readStatus(
  settings: ServerConnection.ISettings
): Promise<IStatus> {
  return request(settings, 'lab/status');
}
