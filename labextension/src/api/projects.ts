import { ServerConnection } from '@jupyterlab/services';
import type { IProjectRow, JsonMap } from './documents';
import { joinPath, request } from './request';

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

/** A project's document. */
export interface IProject {
  metadata: {
    name: string;
    created?: string | null;
    labels?: Record<string, string>;
    [key: string]: unknown;
  };
  spec: {
    description?: string;
    owner?: string | null;
    goals?: string;
    params?: JsonMap;
    artifact_path?: string;
    source?: string;
    default_image?: string;
    [key: string]: unknown;
  };
  status?: { state?: string | null };
}

/** One project. */
export function readProject(
  settings: ServerConnection.ISettings,
  name: string
): Promise<IProject> {
  return request(settings, `projects/${joinPath(name)}`);
}

/** Change parts of a project. */
export async function changeProject(
  settings: ServerConnection.ISettings,
  name: string,
  change: Partial<Pick<IProject, 'metadata' | 'spec'>> | object
): Promise<void> {
  await request(settings, `projects/${joinPath(name)}`, {
    method: 'PATCH',
    body: change
  });
}

/** Delete a project with everything in it. */
export async function deleteProject(
  settings: ServerConnection.ISettings,
  name: string
): Promise<void> {
  await request(settings, `projects/${joinPath(name)}`, {
    method: 'DELETE',
    headers: { 'x-mlrun-deletion-strategy': 'cascade' }
  });
}
