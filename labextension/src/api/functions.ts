import { ServerConnection } from '@jupyterlab/services';
import type { IFunction, IFunctionRow } from './documents';
import { joinPath, request } from './request';

/** The functions of a project, or of all of them. */
export async function listFunctions(
  settings: ServerConnection.ISettings,
  project: string | null,
  q = ''
): Promise<{ total?: number; rows: IFunctionRow[] }> {
  return request(settings, 'lab/functions', { query: { project, q } });
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

/** The parts of a function's URI `project/name@hash` or `project/name:tag`. */
export function parseFunctionUri(
  uri: string
): { project: string; name: string; hash?: string; tag?: string } | null {
  const match = /^([^/]+)\/([^@:]+)(?:@([^:]+))?(?::(.+))?$/.exec(uri);
  if (!match) {
    return null;
  }
  const [, project, name, hash, tag] = match;
  return { project, name, hash, tag };
}

/** A function's source as text. */
export function sourceOf(doc: IFunction): string {
  const coded = doc.spec.build?.functionSourceCode ?? '';
  const bytes = Uint8Array.from(atob(coded), char => char.charCodeAt(0));
  return new TextDecoder().decode(bytes);
}
