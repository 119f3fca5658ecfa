import { ServerConnection } from '@jupyterlab/services';
import type { IArtifact } from './documents';
import { MOUNT, joinPath, request, send } from './request';

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
