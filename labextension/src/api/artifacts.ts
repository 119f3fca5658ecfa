import { ServerConnection } from '@jupyterlab/services';
import type { IArtifact } from './documents';
import { MOUNT, joinPath, request, send } from './request';
import type { INamedRef } from './schedules';

/** The artifacts of a project; those of one run when its uid is given. */
export async function listArtifacts(
  settings: ServerConnection.ISettings,
  project: string,
  query: { tree?: string; name?: string; kind?: string; tag?: string } = {}
): Promise<IArtifact[]> {
  const answer = await request<{ artifacts: IArtifact[] }>(
    settings,
    `../v2/projects/${joinPath(project)}/artifacts`,
    { query }
  );
  return answer.artifacts;
}

/** The newest version of each key of a project, or of all projects (null), without what is large. */
export async function listNewestArtifacts(
  settings: ServerConnection.ISettings,
  project: string | null,
  limit: number
): Promise<IArtifact[]> {
  const answer = await request<{ artifacts: IArtifact[] }>(
    settings,
    `../v2/projects/${project === null ? '*' : joinPath(project)}/artifacts`,
    {
      query: {
        format: 'minimal',
        'partition-by': 'project_and_name',
        'rows-per-partition': 1,
        limit
      }
    }
  );
  return answer.artifacts;
}

/** What of an artifact is deleted: one version of it where a uid is given, its files where wanted. */
export interface IArtifactDeletion {
  uid?: string;
  data?: boolean;
}

/** Delete an artifact of a key: all versions, or one. */
export async function deleteArtifact(
  settings: ServerConnection.ISettings,
  { project, name }: INamedRef,
  { uid, data = false }: IArtifactDeletion = {}
): Promise<void> {
  await request(
    settings,
    `../v2/projects/${joinPath(project)}/artifacts/${joinPath(...name.split('/'))}`,
    {
      method: 'DELETE',
      query: {
        'object-uid': uid,
        deletion_strategy: data ? 'data-force' : undefined
      }
    }
  );
}

/** Give a version of an artifact a tag beside its others, or take it away. */
export async function tagArtifact(
  settings: ServerConnection.ISettings,
  { metadata, spec }: IArtifact,
  tag: string,
  has: boolean
): Promise<void> {
  const { project, key, uid } = metadata;
  await request(
    settings,
    `projects/${joinPath(project)}/tags/${joinPath(tag)}`,
    {
      method: has ? 'PUT' : 'DELETE',
      body: {
        kind: 'artifact',
        identifiers: [{ key: spec.db_key ?? key, uid }]
      }
    }
  );
}

/** Bytes of an artifact, by its uid; a range of them when asked. */
export function readArtifactBytes(
  settings: ServerConnection.ISettings,
  project: string,
  uid: string,
  range?: { first: number; last: number },
  path = ''
): Promise<Response> {
  const headers: Record<string, string> = {};
  if (range) {
    headers.Range = `bytes=${range.first}-${range.last}`;
  }
  const inside = path ? `/${joinPath(...path.split('/'))}` : '';
  return send(
    settings,
    `lab/artifacts/${joinPath(project, uid)}/bytes${inside}`,
    { headers }
  );
}

/** The address of an artifact's bytes below the base URL, for a download link without a token. */
export function artifactBytesPath(project: string, uid: string): string {
  return `${MOUNT}/lab/artifacts/${joinPath(project, uid)}/bytes`;
}
