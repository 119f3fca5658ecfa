import type { ServerConnection } from '@jupyterlab/services';
import type { IFunction, IFunctionRow } from '../api/documents';
import {
  listFunctions,
  listFunctionVersions,
  IUsage,
  readFunction,
  readUsage,
  sourceOf
} from '../api/functions';
import { RequestError, reasonOf } from '../api/request';
import type { INamedRef } from '../api/schedules';
import type { IMLRunService } from '../tokens';
import { countChanges } from './lines';
import type { INounRow } from './nounList';
import { ObjectModel } from './objectModel';

/** A function, as the list of its section shows it. */
export interface IFunctionLine extends INounRow {
  row: IFunctionRow;
}

/** The functions of a project, or of all (null): deployed, in need of a build, or neither. */
export async function readFunctionLines(
  settings: ServerConnection.ISettings,
  project: string | null
): Promise<IFunctionLine[]> {
  const rows = await listFunctions(settings, project);
  return rows.map(row => ({
    project: row.project,
    name: row.name,
    kind: row.kind,
    labels: row.labels,
    state: row.needs_build
      ? 'unbuilt'
      : row.state === 'ready'
        ? 'ready'
        : row.state || 'stored',
    row
  }));
}

/** A version of a function: what it is without its code, and its tags. */
export interface IFunctionVersion {
  hash: string;
  doc: IFunction;
  tags: string[];
}

/** The versions of a function, newest first. */
export async function readFunctionVersions(
  settings: ServerConnection.ISettings,
  ref: INamedRef
): Promise<IFunctionVersion[]> {
  const versions = new Map<string, IFunctionVersion>();
  for (const doc of await listFunctionVersions(settings, ref)) {
    const { hash = '', tag } = doc.metadata;
    const known = versions.get(hash) ?? { hash, doc, tags: [] };
    if (tag && !known.tags.includes(tag)) {
      known.tags.push(tag);
    }
    versions.set(hash, known);
  }
  if (versions.size === 0) {
    throw new RequestError(
      404,
      `Project ${ref.project} has no function ${ref.name}`
    );
  }
  return [...versions.values()];
}

/** A function in a tab: its versions, their code and their runs as they are asked for. */
export class FunctionModel extends ObjectModel<IFunctionVersion[]> {
  constructor(service: IMLRunService, ref: INamedRef) {
    super(service, ref, readFunctionVersions, ['function']);
  }

  /** The versions that are chosen, by their hashes; none is the newest. */
  get chosen(): readonly string[] {
    return this._chosen;
  }

  /** Choose a version, or do not; the third pushes the first out. */
  choose(hash: string, on: boolean): void {
    const others = this._chosen.filter(each => each !== hash);
    this._chosen = on ? [...others, hash].slice(-2) : others;
    this.touch();
  }

  /** The version whose code and handler are shown. */
  shownOf(versions: readonly IFunctionVersion[]): IFunctionVersion {
    return (
      versions.find(({ hash }) => this._chosen.includes(hash)) ?? versions[0]
    );
  }

  /** A version with its code; undefined until it is here. */
  whole(hash: string): IFunction | undefined {
    return this._whole.get(hash);
  }

  /** The runs of a version; undefined until they are counted. */
  usage(hash: string): IUsage | undefined {
    return this._usage.get(hash);
  }

  /** Why something around the versions was not read, or null. */
  get trouble(): string | null {
    return this._trouble;
  }

  /** Lines added and removed from one version to another; null until both are here. */
  changes(from: string, to: string): { added: number; removed: number } | null {
    const [before, after] = [this.whole(from), this.whole(to)];
    return before && after
      ? countChanges(sourceOf(before), sourceOf(after))
      : null;
  }

  /** Read the code of versions, and how often each ran. */
  async readAround(versions: readonly IFunctionVersion[]): Promise<void> {
    try {
      const hashes = versions.map(({ hash }) => hash);
      await Promise.all([
        this._count(hashes),
        ...hashes.map(hash => this._readWhole(hash))
      ]);
      this._trouble = null;
    } catch (reason) {
      this._trouble = reasonOf(reason);
    }
    if (!this.isDisposed) {
      this.touch();
    }
  }

  private async _readWhole(hash: string): Promise<void> {
    if (!this._whole.has(hash)) {
      const { project, name } = this.ref;
      const { settings } = this.service;
      this._whole.set(
        hash,
        await readFunction(settings, project, name, { hash })
      );
    }
  }

  private async _count(hashes: readonly string[]): Promise<void> {
    const { settings } = this.service;
    const found = await readUsage(settings, this.ref, hashes);
    for (const hash of hashes) {
      this._usage.set(hash, found[hash] ?? { runs: 0, last: null });
    }
  }

  private _chosen: readonly string[] = [];
  private _trouble: string | null = null;
  private _whole = new Map<string, IFunction>();
  private _usage = new Map<string, IUsage>();
}
