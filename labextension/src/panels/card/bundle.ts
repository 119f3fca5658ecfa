import type {
  IErrorFrame,
  IRun,
  IRunRef,
  IRunRow,
  Json,
  JsonMap
} from '../../api/documents';
import { runOfArgs } from '../../commands';
import { rowOf } from '../../models/run';

/** The type of a run's card among a cell's outputs. */
export const RUN_MIME = 'application/vnd.jupyter-mlrun.run+json';

/** An artifact as a card names it. */
export interface ICardArtifact {
  key: string;
  kind: string;
  uri: string;
  size: number | null;
}

/** What a card shows beside the run's row. */
export interface ICardFacts {
  inputs: Record<string, string>;
  declared: string[];
  artifacts: ICardArtifact[];
  tail: string[];
  frames: IErrorFrame[];
  errorType: string | null;
  executionCount: number | null;
  exitCode: number | null;
}

/** A card as it was saved in a notebook: which run, and how it was then. */
export interface ICard {
  ref: IRunRef;
  row: IRunRow;
  facts: ICardFacts;
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : {};
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value)
    ? value.filter(item => typeof item === 'string')
    : [];
}

function textMap(value: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fieldsOf(value)).map(([key, item]) => [key, String(item)])
  );
}

function artifactsOf(value: unknown): ICardArtifact[] {
  return (Array.isArray(value) ? value : []).map(fieldsOf).map(item => ({
    key: textOf(item.key) ?? '',
    kind: textOf(item.kind) ?? '',
    uri: textOf(item.uri) ?? '',
    size: numberOf(item.size)
  }));
}

function framesOf(value: unknown): IErrorFrame[] {
  return (Array.isArray(value) ? value : []).map(fieldsOf).map(frame => ({
    file: textOf(frame.file) ?? '',
    line: numberOf(frame.line) ?? 0,
    function: textOf(frame.function) ?? '',
    cell: frame.cell === true,
    cell_line: numberOf(frame.cell_line),
    text: (Array.isArray(frame.text) ? frame.text : []).filter(
      (line): line is [number, string] =>
        Array.isArray(line) &&
        typeof line[0] === 'number' &&
        typeof line[1] === 'string'
    )
  }));
}

function savedRow(ref: IRunRef, data: Fields, shot: Fields): IRunRow {
  return {
    ...ref,
    iter: 0,
    name: textOf(data.name) ?? textOf(shot.name) ?? '',
    state: textOf(shot.state) ?? textOf(data.state) ?? 'unknown',
    start_time: textOf(shot.start_time),
    end_time: textOf(shot.end_time),
    last_update: textOf(shot.last_update),
    duration: numberOf(shot.duration),
    kind: textOf(shot.kind) ?? textOf(data.kind),
    function: textOf(shot.function),
    owner: textOf(shot.owner),
    labels: textMap(shot.labels),
    parameters: fieldsOf(shot.parameters) as JsonMap,
    results: fieldsOf(shot.results) as JsonMap,
    progress: null,
    error: textOf(shot.error),
    reason: textOf(shot.reason),
    status_text: textOf(shot.status_text),
    notebook: textOf(shot.notebook) ?? textOf(data.notebook),
    cell_id: textOf(shot.cell_id) ?? textOf(data.cell_id),
    cell_hash: textOf(shot.cell_hash),
    iterations: numberOf(shot.iterations),
    done_iterations: numberOf(shot.done_iterations),
    series: null,
    artifact_count: numberOf(shot.artifact_count),
    host: textOf(shot.host)
  };
}

/** The card in a saved output; null when it names no run. Nothing in it is trusted. */
export function parseCard(value: unknown): ICard | null {
  const data = fieldsOf(value);
  const ref = runOfArgs(data);
  if (!ref) {
    return null;
  }
  const shot = fieldsOf(data.snapshot);
  return {
    ref,
    row: savedRow(ref, data, shot),
    facts: {
      inputs: textMap(shot.inputs),
      declared: textsOf(shot.outputs_declared),
      artifacts: artifactsOf(shot.artifacts),
      tail: textsOf(shot.log_tail).slice(-4),
      frames: framesOf(shot.error_frames),
      errorType: textOf(shot.error_type),
      executionCount: numberOf(shot.execution_count),
      exitCode: numberOf(shot.exit_code)
    }
  };
}

/** The name in a log hint `key`, `key:type` or `key : type[k=v]`. */
export function hintKey(hint: string): string {
  return hint.split(':')[0].trim();
}

/** What a card shows, taken from the run's document; the saved facts where it has none. */
export function factsOf(run: IRun, saved: ICardFacts): ICardFacts {
  const { spec, status } = run;
  return {
    inputs: spec.inputs ?? saved.inputs,
    declared: spec.returns?.map(hintKey) ?? saved.declared,
    artifacts:
      status.artifacts?.map(artifact => ({
        key: artifact.metadata.key,
        kind: artifact.kind,
        uri: status.artifact_uris?.[artifact.metadata.key] ?? '',
        size: artifact.spec.size ?? null
      })) ?? saved.artifacts,
    tail: saved.tail,
    frames: status.error_frames ?? saved.frames,
    errorType: status.error_type ?? saved.errorType,
    executionCount: spec.origin?.execution_count ?? saved.executionCount,
    exitCode: status.exit_code ?? saved.exitCode
  };
}

/** The saved card with the run's last word in it, to be kept in the notebook. */
export function finalBundle(
  saved: unknown,
  run: IRun,
  tail: readonly string[]
): { [key: string]: Json } {
  const row = rowOf(run);
  const facts = factsOf(run, EMPTY_FACTS);
  const before = fieldsOf(saved);
  const snapshot = {
    ...fieldsOf(before.snapshot),
    ...row,
    series: null,
    inputs: facts.inputs,
    outputs_declared: facts.declared,
    artifacts: facts.artifacts,
    error_frames: facts.frames,
    error_type: facts.errorType,
    exit_code: facts.exitCode,
    log_tail: tail
  };
  return JSON.parse(
    JSON.stringify({ ...before, state: row.state, snapshot })
  ) as { [key: string]: Json };
}

const EMPTY_FACTS: ICardFacts = {
  inputs: {},
  declared: [],
  artifacts: [],
  tail: [],
  frames: [],
  errorType: null,
  executionCount: null,
  exitCode: null
};
