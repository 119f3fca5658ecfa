import type { ServerConnection } from '@jupyterlab/services';
import { listArtifacts, listNewestArtifacts } from '../api/artifacts';
import type { IArtifact, IRunRef } from '../api/documents';
import { RequestError } from '../api/request';
import type { INamedRef } from '../api/schedules';
import { parseTime } from '../format';
import type { IMLRunService } from '../tokens';
import { INounPage, INounQuestion, INounRow, PAGE_ROWS } from './nounList';
import { ObjectModel } from './objectModel';

/** What an artifact is, for lists: a model, a table, a picture, or anything else. */
export type ArtifactGroup = 'model' | 'dataset' | 'plot' | 'file';

const GROUPS: Readonly<Record<string, ArtifactGroup>> = {
  model: 'model',
  dataset: 'dataset',
  table: 'dataset',
  plot: 'plot',
  plotly: 'plot',
  chart: 'plot'
};
const PICTURES =
  /\.(png|jpe?g|gif|svg|webp|bmp|vl\.json|vg\.json|plotly\.json)$/;

/** The group of an artifact, by its kind and its file. */
export function groupOf({ kind, spec }: IArtifact): ArtifactGroup {
  return (
    GROUPS[kind] ?? (PICTURES.test(spec.target_path ?? '') ? 'plot' : 'file')
  );
}

/** The name by which the store knows an artifact. */
export function nameOf({ metadata, spec }: IArtifact): string {
  return spec.db_key ?? metadata.key;
}

/** The newest version of a key, as lists show it. */
export interface IArtifactRow extends INounRow {
  state: ArtifactGroup;
  kind: string;
  artifact: IArtifact;
}

/** A page of the rows of a project's artifacts, newest first. */
export async function readArtifactRows(
  settings: ServerConnection.ISettings,
  project: string | null,
  question: Partial<INounQuestion> = {}
): Promise<INounPage<IArtifactRow>> {
  const { artifacts, token } = await listNewestArtifacts(settings, project, {
    size: PAGE_ROWS,
    ...question
  });
  const rows = artifacts.map(artifact => ({
    project: artifact.metadata.project,
    name: nameOf(artifact),
    state: groupOf(artifact),
    kind: artifact.kind,
    labels: artifact.metadata.labels,
    artifact
  }));
  return { rows, token };
}

/** When an artifact was written last (ms since 1970). */
export function updatedOf({ metadata }: IArtifact): number {
  return parseTime(metadata.updated) ?? 0;
}

/** A version of an artifact with its tags. */
export interface IArtifactVersion {
  artifact: IArtifact;
  tags: string[];
}

/** The versions of a key, newest first. */
export async function readArtifactVersions(
  settings: ServerConnection.ISettings,
  { project, name }: INamedRef
): Promise<IArtifactVersion[]> {
  const found = await listArtifacts(settings, project, { name });
  const versions = new Map<string, IArtifactVersion>();
  for (const artifact of found) {
    const { uid = '', tag } = artifact.metadata;
    const known = versions.get(uid) ?? { artifact, tags: [] };
    if (tag && !known.tags.includes(tag)) {
      known.tags.push(tag);
    }
    versions.set(uid, known);
  }
  if (versions.size === 0) {
    throw new RequestError(404, `Project ${project} has no artifact ${name}`);
  }
  return [...versions.values()].sort(
    (a, b) => updatedOf(b.artifact) - updatedOf(a.artifact)
  );
}

/** The run that made an artifact, or null where no run did. */
export function makerOf({ metadata, spec }: IArtifact): IRunRef | null {
  const { kind, uri } = spec.producer ?? {};
  const [, project, uid] = /^([^/]+)\/([^#:@]+)/.exec(uri ?? '') ?? [];
  if (uid) {
    return { project, uid };
  }
  return kind === 'run' && metadata.tree
    ? { project: metadata.project, uid: metadata.tree }
    : null;
}

/** The address of a version that stays the same: by its tag where it has one, else by its producer. */
export function addressOf(
  artifact: IArtifact,
  tags: readonly string[] = []
): string {
  const { project, tree, iter = 0 } = artifact.metadata;
  const kinds: Readonly<Record<string, string>> = {
    model: 'models',
    dataset: 'datasets'
  };
  const name = nameOf(artifact);
  const path = `store://${kinds[artifact.kind] ?? 'artifacts'}/${project}/${name}`;
  const [tag] = tags.filter(each => each !== 'latest');
  if (tag) {
    return `${path}:${tag}`;
  }
  return tree ? `${path}${iter ? `#${iter}` : ''}@${tree}` : path;
}

/** The lines that load an artifact in a cell. */
export function loadingLines(
  artifact: IArtifact,
  tags: readonly string[] = []
): string {
  const address = JSON.stringify(addressOf(artifact, tags));
  const variable = variableOf(nameOf(artifact));
  if (artifact.kind === 'model') {
    return modelLines(artifact, address, variable);
  }
  const item = `get_dataitem(${address})`;
  const table = groupOf(artifact) === 'dataset';
  return `from jupyter_mlrun import get_dataitem\n\n${variable} = ${item}${table ? '.as_df()' : ''}\n`;
}

function modelLines(
  { spec }: IArtifact,
  address: string,
  variable: string
): string {
  const file = typeof spec.model_file === 'string' ? spec.model_file : '';
  const found = `from jupyter_mlrun.artifacts.models import get_model\n\nmodel_file, model_spec, extra_data = get_model(${address})\n`;
  return file.endsWith('.pkl')
    ? `import pickle\n\n${found}with open(model_file, "rb") as file:\n    ${variable} = pickle.load(file)\n`
    : found;
}

function variableOf(name: string): string {
  const word = name.replace(/[^\p{L}\p{N}_]+/gu, '_').replace(/^(\d)/, '_$1');
  return word || 'item';
}

/** An artifact in a tab: its versions, and the one that is looked at. */
export class ArtifactModel extends ObjectModel<IArtifactVersion[]> {
  constructor(service: IMLRunService, ref: INamedRef) {
    super(service, ref, readArtifactVersions, ['artifact']);
  }

  /** The uid of the version that was chosen; null is the newest. */
  get chosen(): string | null {
    return this._chosen;
  }

  set chosen(uid: string | null) {
    this._chosen = uid;
    this.touch();
  }

  /** The version that is looked at, of those that there are. */
  shownOf(versions: readonly IArtifactVersion[]): IArtifactVersion {
    return (
      versions.find(({ artifact }) => artifact.metadata.uid === this._chosen) ??
      versions[0]
    );
  }

  private _chosen: string | null = null;
}
