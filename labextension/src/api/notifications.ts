import { ServerConnection } from '@jupyterlab/services';
import type { IRunRef } from './documents';
import { joinPath, request } from './request';

/** Send the notifications of an ended run (again). */
export async function pushNotifications(
  settings: ServerConnection.ISettings,
  ref: IRunRef
): Promise<void> {
  await request(
    settings,
    `projects/${joinPath(ref.project)}/runs/${joinPath(ref.uid)}/push-notifications`,
    { method: 'POST', body: {} }
  );
}
