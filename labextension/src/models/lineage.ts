import type { IArtifact, IRun, IRunRef, IRunRow } from '../api/documents';
import type { IRunUser } from '../api/runs';

/** Where something stands beside the run: before it, itself, or one or two steps after. */
export type LineageColumn = 'input' | 'run' | 'output' | 'user';

/** A thing in a run's lineage. */
export interface ILineageNode {
  id: string;
  column: LineageColumn;
  name: string;
  /** One fact on it: an address, a kind, a state. */
  fact: string;
  /** The state of a run; null for anything else. */
  state: string | null;
  /** The run to open: itself, or the one that made it. */
  ref: IRunRef | null;
}

/** What a run took, what it left, and who took that: one step each way. */
export interface ILineage {
  nodes: ILineageNode[];
  /** Pairs of node ids, from what was first to what came of it. */
  edges: [string, string][];
}

const STORED = /^store:\/\/[^/]+\/(?:([^/]+)\/)?([^#@:]+).*@([A-Za-z0-9_-]+)/;

/** The run that made what an address names, and its key; null for an address of no run. */
export function producerOf(
  uri: string,
  project: string
): { ref: IRunRef; key: string } | null {
  const match = STORED.exec(uri);
  return match
    ? { ref: { project: match[1] ?? project, uid: match[3] }, key: match[2] }
    : null;
}

/** The lineage of a run, of what its documents and those of its users say. */
export function lineageOf(
  run: IRun,
  row: IRunRow,
  artifacts: readonly IArtifact[],
  users: readonly IRunUser[]
): ILineage {
  const { project, uid = '' } = run.metadata;
  const nodes: ILineageNode[] = [];
  const edges: [string, string][] = [];
  for (const [key, uri] of Object.entries(run.spec.inputs ?? {})) {
    const id = `input ${key}`;
    const ref = producerOf(uri, project)?.ref ?? null;
    nodes.push({
      id,
      column: 'input',
      name: key,
      fact: uri,
      state: null,
      ref
    });
    edges.push([id, 'run']);
  }
  nodes.push({
    id: 'run',
    column: 'run',
    name: row.name,
    fact: '',
    state: row.state,
    ref: { project, uid }
  });
  const outputs = new Map<string, string>();
  for (const artifact of artifacts) {
    const { key } = artifact.metadata;
    const id = `output ${artifact.metadata.uid ?? key}`;
    outputs.set(artifact.spec.db_key ?? key, id);
    nodes.push({
      id,
      column: 'output',
      name: key,
      fact: artifact.kind,
      state: null,
      ref: null
    });
    edges.push(['run', id]);
  }
  for (const user of users) {
    const id = `user ${user.row.uid}`;
    nodes.push({
      id,
      column: 'user',
      name: user.row.name,
      fact: Object.keys(user.inputs).join(', '),
      state: user.row.state,
      ref: { project: user.row.project, uid: user.row.uid }
    });
    const taken = Object.values(user.inputs).map(
      uri => outputs.get(producerOf(uri, project)?.key ?? '') ?? 'run'
    );
    new Set(taken).forEach(from => edges.push([from, id]));
  }
  return { nodes, edges };
}
