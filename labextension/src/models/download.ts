import type { ServerConnection } from '@jupyterlab/services';
import { readArtifactBytes } from '../api/artifacts';
import type { IArtifact, IRunRef } from '../api/documents';
import { readLogBytes } from '../api/logs';

const PART = 16 << 20;

/** Give the user bytes as a file. */
export function saveBytes(bytes: BlobPart, name: string): void {
  const address = URL.createObjectURL(
    new Blob([bytes], { type: 'application/octet-stream' })
  );
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // the browser has begun to read by then
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}

/** Give the user a run's whole log as a file. */
export async function downloadLog(
  settings: ServerConnection.ISettings,
  ref: IRunRef
): Promise<void> {
  const parts: Blob[] = [];
  for (let offset = 0; ;) {
    const { bytes, total } = await readLogBytes(settings, ref, offset, PART);
    // the browser keeps what is large on the disk
    parts.push(new Blob([bytes]));
    offset += bytes.byteLength;
    if (bytes.byteLength === 0 || offset >= total) {
      break;
    }
  }
  saveBytes(new Blob(parts), `${ref.project}-${ref.uid}.log`);
}

/** The file in an artifact's folder that is meant by it: a model's; null where none is. */
export function fileIn({ kind, spec }: IArtifact): string | null {
  const file = spec.model_target_file || spec.model_file;
  return kind === 'model' && typeof file === 'string' && file ? file : null;
}

/** Give the user an artifact, or a file in its folder, by the name it is stored under. */
export async function downloadArtifact(
  settings: ServerConnection.ISettings,
  artifact: IArtifact,
  path = fileIn(artifact) ?? ''
): Promise<void> {
  const { project, uid = '', key } = artifact.metadata;
  const target = artifact.spec.target_path ?? '';
  if (!path && target.endsWith('/')) {
    throw new Error(`${key} is a folder: choose a file in its preview`);
  }
  const bytes = readArtifactBytes(settings, project, uid, undefined, path);
  const stored = (path || target).split('/').pop();
  saveBytes(await (await bytes).blob(), stored || key);
}
