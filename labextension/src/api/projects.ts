import { ServerConnection } from '@jupyterlab/services';
import type { IProjectRow } from './documents';
import { request } from './request';

/** The projects, with what runs and failed in each. */
export async function listProjects(
  settings: ServerConnection.ISettings
): Promise<IProjectRow[]> {
  const answer = await request<IProjectRow[] | { projects: IProjectRow[] }>(
    settings,
    'lab/projects'
  );
  return Array.isArray(answer) ? answer : answer.projects;
}

/** Make a project. */
export async function createProject(
  settings: ServerConnection.ISettings,
  name: string
): Promise<void> {
  await request(settings, 'projects', {
    method: 'POST',
    body: { metadata: { name }, spec: {} }
  });
}
