import { ServerConnection } from '@jupyterlab/services';
import { joinPath, request } from './request';

/** Work of the service that outlives its request. */
export interface IBackgroundTask {
  metadata: { name: string; project: string | null; kind: string };
  status: {
    state: 'running' | 'succeeded' | 'failed';
    error?: string | null;
    progress?: { done: number | null; total: number | null };
  };
}

/** How far a task of a project is. */
export function readBackgroundTask(
  settings: ServerConnection.ISettings,
  project: string,
  name: string
): Promise<IBackgroundTask> {
  return request(
    settings,
    `projects/${joinPath(project)}/background-tasks/${joinPath(name)}`
  );
}
