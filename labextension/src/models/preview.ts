import type { IArtifact, Json } from '../api/documents';

/** Above this, bytes are read only when asked for. */
export const LARGE = 10_000_000;

const IMAGES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  bmp: 'image/bmp',
  svg: 'image/svg+xml'
};

const DATA_TYPES: readonly [RegExp, string][] = [
  [/\.vl\.json$/, 'application/vnd.vegalite.v5+json'],
  [/\.vg\.json$/, 'application/vnd.vega.v5+json'],
  [/\.plotly\.json$/, 'application/vnd.plotly.v1+json']
];

const TEXTS = new Set([
  'txt',
  'text',
  'log',
  'md',
  'py',
  'yaml',
  'yml',
  'toml',
  'ini',
  'csv',
  'tsv',
  'xml',
  'tex',
  'sql'
]);

/** How an artifact is shown. */
export type Preview =
  | { kind: 'table'; header: string[]; rows: Json[][]; length: number | null }
  | { kind: 'mime'; data: Record<string, Json>; fallback: boolean }
  | { kind: 'mimeBytes'; mime: string }
  | { kind: 'image'; mime: string }
  | { kind: 'html' }
  | { kind: 'model' }
  | { kind: 'folder' }
  | { kind: 'json'; text: string | null }
  | { kind: 'text'; text: string | null }
  | { kind: 'none' };

/** The ending of an artifact's file, without the dot. */
export function formatOf(artifact: IArtifact): string {
  const { format, target_path = '' } = artifact.spec;
  const name = target_path.split('/').pop() ?? '';
  const ending = name.includes('.')
    ? name.slice(name.lastIndexOf('.') + 1)
    : '';
  return (format || ending).toLowerCase();
}

function tableOf(artifact: IArtifact): Preview | null {
  const rows = artifact.status?.preview;
  if (!Array.isArray(rows)) {
    return null;
  }
  const header =
    artifact.spec.header ??
    artifact.spec.schema?.fields?.map(field => field.name) ??
    [];
  return {
    kind: 'table',
    header: header.map(String),
    rows,
    length: artifact.spec.length ?? null
  };
}

/** How an artifact is shown, by what the run kept of it and by its format. */
export function previewOf(artifact: IArtifact): Preview {
  const format = formatOf(artifact);
  const path = artifact.spec.target_path ?? '';
  const data = artifact.status?.preview_mime;
  const text = artifact.status?.preview_text ?? null;
  const typed = DATA_TYPES.find(([ending]) => ending.test(path));
  if (typeof data === 'object' && data !== null) {
    return {
      kind: 'mime',
      data: data as Record<string, Json>,
      fallback: format === 'html'
    };
  }
  if (artifact.kind === 'model') {
    return { kind: 'model' };
  }
  if (artifact.kind === 'dir') {
    return { kind: 'folder' };
  }
  const table = tableOf(artifact);
  if (table) {
    return table;
  }
  if (typed) {
    return { kind: 'mimeBytes', mime: typed[1] };
  }
  if (IMAGES[format]) {
    return { kind: 'image', mime: IMAGES[format] };
  }
  if (format === 'html' || format === 'htm') {
    return { kind: 'html' };
  }
  if (format === 'json') {
    return { kind: 'json', text };
  }
  return text !== null || TEXTS.has(format)
    ? { kind: 'text', text }
    : { kind: 'none' };
}

/** Whether a preview is a picture, to be shown among the first. */
export function isPicture(preview: Preview): boolean {
  return ['image', 'mime', 'mimeBytes', 'html'].includes(preview.kind);
}

/** The address of an artifact, as magics and code take it. */
export function uriOf(artifact: IArtifact): string {
  const { project, key, iter = 0, tree } = artifact.metadata;
  const kinds: Readonly<Record<string, string>> = {
    model: 'models',
    dataset: 'datasets'
  };
  const name = artifact.spec.db_key ?? key;
  const at = tree ? `@${tree}` : '';
  return `store://${kinds[artifact.kind] ?? 'artifacts'}/${project}/${name}#${iter}${at}`;
}

/** One sentence on what an artifact holds: its shape, its framework, its format. */
export function factOf(artifact: IArtifact): string {
  const { spec } = artifact;
  const shown = spec.header?.length ?? spec.schema?.fields?.length;
  // of a wide table only the first columns are described
  const columns = Math.max(
    shown ?? 0,
    Number(artifact.status?.header_original_length) || 0
  );
  if (typeof spec.length === 'number' && columns) {
    return `${spec.length} × ${columns}`;
  }
  const named = [spec.algorithm, spec.framework].filter(
    part => typeof part === 'string' && part !== ''
  );
  return named.length ? named.join(', ') : formatOf(artifact);
}
