/** A JSON value, as documents carry it. */
export type Json =
  null | boolean | number | string | Json[] | { [key: string]: Json };

/** Names and values: parameters, results, labels. */
export type JsonMap = { [key: string]: Json };

/** Steps and values of one result, in the order they were logged. */
export type Series = readonly (readonly [number, number | string])[];

/** How far a running run is. */
export interface IProgress {
  value: number | null;
  total: number | null;
  text: string | null;
}

/** Which run: enough to ask the service for it. */
export interface IRunRef {
  project: string;
  uid: string;
}

/** One run as lists, badges and events carry it. */
export interface IRunRow extends IRunRef {
  iter: number;
  name: string;
  state: string;
  start_time: string | null;
  end_time: string | null;
  last_update: string | null;
  /** Seconds, when it has ended. */
  duration: number | null;
  kind: string | null;
  /** The name of the function that ran. */
  function: string | null;
  owner: string | null;
  labels: Record<string, string>;
  /** At most 20. */
  parameters: JsonMap;
  /** At most 20. */
  results: JsonMap;
  progress: IProgress | null;
  error: string | null;
  reason: string | null;
  status_text: string | null;
  notebook: string | null;
  cell_id: string | null;
  cell_hash: string | null;
  iterations: number | null;
  done_iterations: number | null;
  /** The last points of the first series, only while it runs. */
  series: Record<string, Series> | null;
  artifact_count: number | null;
  host: string | null;
}

/** A page of runs with the counts of everything that matches. */
export interface IRunPage {
  total: number;
  /** Runs of the project, whether they match or not. */
  all: number;
  /** When the service looked, by its own clock. */
  time: string;
  counts: Record<string, number>;
  /** Names and sizes of the groups, in order, where groups were asked for. */
  groups?: [string, number][];
  rows: IRunRow[];
}

/** When runs started: spans of `step` seconds, each with what became of its runs. */
export interface IActivity {
  start: string | null;
  step: number | null;
  /** Completed, failed, going on, others. */
  spans: [number, number, number, number][];
}

/** Which runs an action on all that match means. */
export interface IMatching {
  /** All projects when it is null. */
  project: string | null;
  q: string;
  states: readonly string[];
  notebook: string | null;
  /** The ISO time of the choice: runs that start later are not meant. */
  before: string;
  /** Ids of runs that are left out. */
  except: readonly string[];
  /** How many there were. */
  count: number;
}

/** Names of a document and its place. */
export interface IMetadata {
  name: string;
  project: string;
  uid?: string;
  iteration?: number;
  tag?: string;
  hash?: string;
  updated?: string | null;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  [key: string]: unknown;
}

/** Where a run came from. */
export interface IRunOrigin {
  notebook?: string | null;
  cell_id?: string | null;
  execution_count?: number | null;
  cell_source?: string | null;
  cell_hash?: string | null;
  kernel_id?: string | null;
  user?: string | null;
  python?: string | null;
  executable?: string | null;
  platform?: string | null;
  packages?: Record<string, string>;
  workdir?: string | null;
  command_line?: string | null;
}

/** What a run was asked to do. */
export interface IRunSpec {
  function?: string;
  handler?: string;
  parameters?: JsonMap;
  inputs?: Record<string, string>;
  returns?: string[];
  hyperparams?: JsonMap;
  hyper_param_options?: JsonMap;
  output_path?: string;
  origin?: IRunOrigin;
  limits?: { timeout?: number; cpu?: number; memory?: number };
  env?: Record<string, string>;
  secrets?: string[];
  [key: string]: unknown;
}

/** A frame of a failed run's traceback. */
export interface IErrorFrame {
  file: string;
  line: number;
  function: string;
  cell: boolean;
  cell_line?: number | null;
  text: [number, string][];
}

/** What a run has come to. */
export interface IRunStatus {
  state: string;
  start_time?: string | null;
  end_time?: string | null;
  last_update?: string | null;
  results?: JsonMap;
  artifacts?: IArtifact[];
  artifact_uris?: Record<string, string>;
  iterations?: Json[][];
  progress?: IProgress | null;
  series?: Record<string, Series>;
  error?: string | null;
  error_type?: string | null;
  error_frames?: IErrorFrame[];
  exit_code?: number | null;
  times?: {
    queued?: number;
    starting?: number;
    running?: number;
    saving?: number;
  };
  reason?: string | null;
  status_text?: string | null;
  host?: string | null;
  /** Where it runs: on the service's machine, or on its cluster. */
  place?: string | null;
  place_reason?: string | null;
  /** Its pods, where it ran on a cluster. */
  pods?: object[];
  [key: string]: unknown;
}

/** A run's whole document. */
export interface IRun {
  kind?: string;
  metadata: IMetadata;
  spec: IRunSpec;
  status: IRunStatus;
}

/** A parameter of a handler. */
export interface IEntryParameter {
  name: string;
  type?: string | null;
  default?: Json;
  doc?: string | null;
}

/** What can be called in a function. */
export interface IEntryPoint {
  name: string;
  doc?: string;
  parameters?: IEntryParameter[];
  outputs?: { name?: string; type?: string }[];
  lineno?: number;
  has_varargs?: boolean;
  has_kwargs?: boolean;
  form?: 'body' | 'handler';
  [key: string]: unknown;
}

/** A function's whole document. */
export interface IFunction {
  kind: string;
  metadata: IMetadata;
  spec: {
    command?: string;
    image?: string;
    default_handler?: string;
    description?: string;
    build?: {
      functionSourceCode?: string;
      commands?: string[];
      requirements?: string[];
      origin_filename?: string;
    };
    entry_points?: Record<string, IEntryPoint>;
    files?: { path: string; hash?: string; content?: string }[];
    captured?: { name: string; kind: string; hash?: string; bytes?: number }[];
    [key: string]: unknown;
  };
  status?: { [key: string]: unknown };
}

/** A function as lists carry it. */
export interface IFunctionRow {
  project: string;
  name: string;
  tag: string | null;
  hash: string;
  kind: string;
  updated: string | null;
  handler: string | null;
  description: string;
  /** The state of its build or deployment; empty where it has none. */
  state: string;
  /** Whether it asks for an image that is not there yet. */
  needs_build: boolean;
  labels: Record<string, string>;
}

/** An artifact's whole document. */
export interface IArtifact {
  kind: string;
  metadata: {
    key: string;
    project: string;
    iter?: number;
    tree?: string;
    tag?: string;
    uid?: string;
    hash?: string;
    updated?: string | null;
    labels?: Record<string, string>;
    [key: string]: unknown;
  };
  spec: {
    target_path?: string;
    viewer?: string;
    format?: string;
    size?: number;
    db_key?: string;
    producer?: { kind?: string; name?: string; uri?: string; owner?: string };
    schema?: { fields?: { name: string; type?: string }[] };
    header?: string[];
    length?: number;
    stats?: JsonMap;
    [key: string]: unknown;
  };
  status?: {
    preview?: Json[][];
    preview_text?: string;
    state?: string;
    [key: string]: unknown;
  };
}

/** A project with what happens in it. */
export interface IProjectRow {
  name: string;
  running: number;
  failed: number;
  runs: number;
  last: string | null;
}

/** What changed, as the events socket sends it. */
export interface IEvent {
  id?: number;
  kind:
    | 'run'
    | 'artifact'
    | 'function'
    | 'project'
    | 'log'
    | 'schedule'
    | 'alert'
    | 'background-task'
    | 'notification';
  action?: 'created' | 'updated' | 'deleted';
  project: string;
  name?: string;
  uid?: string;
  iter?: number;
  state?: string;
  time?: string;
  /** The run as lists show it, for events of runs. */
  summary?: IRunRow | null;
  /** Bytes of the log so far, for events of logs. */
  size?: number;
}

/** How the service is. */
export interface IStatus {
  version: string;
  store: string;
  leader: boolean;
  host: string;
  /** Who is asking, as the service knows them. */
  owner: string;
  running: number;
  failed_since: number;
  projects: string[];
  /** The kinds that it can run. */
  kinds: string[];
  /** Whether it has a cluster for kinds that run in pods. */
  cluster?: boolean;
}

const TERMINAL = new Set(['completed', 'error', 'aborted', 'skipped']);

/** Whether a state is final. */
export function isTerminal(state: string): boolean {
  return TERMINAL.has(state);
}

/** The states of runs that are not over. */
export const LIVE_STATES: readonly string[] = [
  'created',
  'pending',
  'running',
  'aborting',
  'pendingRetry'
];

/** Whether a run in this state can be stopped. */
export function isLive(state: string): boolean {
  return !isTerminal(state) && state !== 'unknown' && state !== '';
}
