import { ServerConnection } from '@jupyterlab/services';
import type { IFunction, IFunctionRow, IRunRow } from './documents';
import { joinPath, request, RequestError } from './request';
import type { INamedRef } from './schedules';

/** The newest version of each function of a project, or of all of them (null). */
export function listFunctions(
  settings: ServerConnection.ISettings,
  project: string | null
): Promise<IFunctionRow[]> {
  return request(settings, 'lab/functions', { query: { project } });
}

/** The versions of a function, one entry for each version and tag, without their code. */
export async function listFunctionVersions(
  settings: ServerConnection.ISettings,
  { project, name }: INamedRef
): Promise<IFunction[]> {
  const answer = await request<{ funcs: IFunction[] }>(
    settings,
    `projects/${joinPath(project)}/functions`,
    { query: { name, format: 'minimal' } }
  );
  return answer.funcs;
}

/** How often a version ran, and its last run. */
export interface IUsage {
  runs: number;
  last: IRunRow | null;
}

/** The usage of those versions that ran, by their hashes. */
export async function readUsage(
  settings: ServerConnection.ISettings,
  { project, name }: INamedRef,
  versions: readonly string[]
): Promise<Record<string, IUsage>> {
  const answer = await request<{ usage: Record<string, IUsage> }>(
    settings,
    `lab/functions/${joinPath(project, name)}/usage`,
    { query: { hash: versions } }
  );
  return answer.usage;
}

/** Delete a function with all of its versions, or one of them; its runs stay. */
export async function deleteFunction(
  settings: ServerConnection.ISettings,
  { project, name }: INamedRef,
  hash?: string
): Promise<void> {
  await request(
    settings,
    `projects/${joinPath(project)}/functions/${joinPath(name)}`,
    { method: 'DELETE', query: { hash_key: hash } }
  );
}

/** A function's whole document, by version (hash) or tag. */
export async function readFunction(
  settings: ServerConnection.ISettings,
  project: string,
  name: string,
  version: { hash?: string; tag?: string } = {}
): Promise<IFunction> {
  const answer = await request<{ func: IFunction }>(
    settings,
    `projects/${joinPath(project)}/functions/${joinPath(name)}`,
    { query: { hash_key: version.hash, tag: version.tag } }
  );
  return answer.func;
}

/** The same, or null where it is not there any more. */
export async function findFunction(
  settings: ServerConnection.ISettings,
  place: { project: string; name: string; hash?: string; tag?: string }
): Promise<IFunction | null> {
  try {
    return await readFunction(settings, place.project, place.name, place);
  } catch (reason) {
    if (reason instanceof RequestError && reason.status === 404) {
      return null;
    }
    throw reason;
  }
}

/** The parts of a function's URI `project/name:tag@hash`; the tag may also stand last. */
export function parseFunctionUri(
  uri: string
): { project: string; name: string; hash?: string; tag?: string } | null {
  const match =
    /^([^/]+)\/([^@:]+)(?::([^@:]+))?(?:@([^@:]+))?(?::([^@:]+))?$/.exec(uri);
  if (!match || (match[3] && match[5])) {
    return null;
  }
  const [, project, name, tag, hash, last] = match;
  return { project, name, hash, tag: tag ?? last };
}

/** A function's source as text. */
export function sourceOf(doc: IFunction): string {
  const coded = doc.spec.build?.functionSourceCode ?? '';
  const bytes = Uint8Array.from(atob(coded), char => char.charCodeAt(0));
  return new TextDecoder().decode(bytes);
}
