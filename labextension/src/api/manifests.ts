import { ServerConnection } from '@jupyterlab/services';
import type { IRunRef } from './documents';
import { joinPath, request } from './request';
import type { INamedRef } from './schedules';

/** What a cluster would be sent for a run. */
export interface IManifest {
  objects: object[];
  /** What is to be done or known before it can be applied. */
  notes: string[];
}

/** What a cluster would be sent for a run of a function of the kind `job`. */
export function readFunctionManifest(
  settings: ServerConnection.ISettings,
  { project, name }: INamedRef,
  hash?: string
): Promise<IManifest> {
  const path = `lab/functions/${joinPath(project, name)}/manifest`;
  return request(settings, path, { query: { hash } });
}

/** What a cluster would be sent to run a run once more. */
export function readRunManifest(
  settings: ServerConnection.ISettings,
  { project, uid }: IRunRef
): Promise<IManifest> {
  return request(settings, `lab/runs/${joinPath(project, uid)}/manifest`);
}
