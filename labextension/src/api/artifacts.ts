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

/** A page of artifacts, and what the next is asked for with; empty after the last. */
export interface IArtifactPage {
  artifacts: IArtifact[];
  token: string;
}

/** The newest version of each key of a project, or of all projects (null), without what is large. */
export async function listNewestArtifacts(
  settings: ServerConnection.ISettings,
  project: string | null,
  page: { name?: string; token?: string; size: number }
): Promise<IArtifactPage> {
  const { name, token, size } = page;
  const answer = await request<{
    artifacts: IArtifact[];
    pagination?: { 'page-token'?: string | null };
  }>(
    settings,
    `../v2/projects/${project === null ? '*' : joinPath(project)}/artifacts`,
    {
      query: token
        ? { 'page-token': token }
        : {
            format: 'minimal',
            'partition-by': 'project_and_name',
            'rows-per-partition': 1,
            name: name ? `~${name}` : undefined,
            'page-size': size
          }
    }
  );
  return {
    artifacts: answer.artifacts,
    token: answer.pagination?.['page-token'] ?? ''
  };
}

const COUNTS = [
  'models_count',
  'datasets_count',
  'documents_count',
  'llm_prompts_count',
  'files_count'
] as const;

/** How many keys a project has, or all projects (null) together. */
export async function countArtifacts(
  settings: ServerConnection.ISettings,
  project: string | null
): Promise<number> {
  type Summary = Partial<Record<(typeof COUNTS)[number], number>>;
  const summaries =
    project === null
      ? (
          await request<{ project_summaries: Summary[] }>(
            settings,
            'project-summaries'
          )
        ).project_summaries
      : [
          await request<Summary>(
            settings,
            `project-summaries/${joinPath(project)}`
          )
        ];
  return summaries
    .flatMap(summary => COUNTS.map(name => summary[name] ?? 0))
    .reduce((sum, count) => sum + count, 0);
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

/** A file or folder in an artifact that is a folder. */
export interface IFolderEntry {
  name: string;
  folder: boolean;
  size: number;
}

/** What lies in an artifact that is a folder, or in a folder of it. */
export async function readArtifactFolder(
  settings: ServerConnection.ISettings,
  project: string,
  uid: string,
  path: string
): Promise<IFolderEntry[]> {
  const answer = await readArtifactBytes(
    settings,
    project,
    uid,
    undefined,
    path
  );
  const { entries } = (await answer.json()) as { entries: IFolderEntry[] };
  return entries;
}

/** The address of an artifact's bytes below the base URL, for a download link without a token. */
export function artifactBytesPath(project: string, uid: string): string {
  return `${MOUNT}/lab/artifacts/${joinPath(project, uid)}/bytes`;
}
