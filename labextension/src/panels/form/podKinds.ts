import { NAME, SELECTOR, TOLERATION } from './podNodes';

/** What a form asks for each pod. */
export type PodField =
  | 'requestCpu'
  | 'requestMemory'
  | 'limitCpu'
  | 'limitMemory'
  | 'mainRequestCpu'
  | 'mainRequestMemory'
  | 'mainLimitCpu'
  | 'mainLimitMemory'
  | 'gpus'
  | 'gpuType'
  | 'nodes'
  | 'tolerations'
  | 'priority'
  | 'preemption'
  | 'mainPreemption';

type Modes = Readonly<Partial<Record<PodField, string>>>;

/** How pods go with nodes that may be taken away at any time, as MLRun names it. */
export const PREEMPTION_MODES: readonly string[] = [
  'allow',
  'constrain',
  'prevent',
  'none'
];

/** The kinds that run in pods where a cluster is configured, and the part of the function that sizes them. */
export const PARTS: Readonly<Record<string, string>> = {
  job: 'resources',
  mpijob: 'resources',
  dask: 'worker_resources',
  spark: 'executor_resources'
};

/** The part that sizes the one pod beside the many, where kinds have one. */
export const MAIN_PARTS: Readonly<Record<string, string>> = {
  dask: 'scheduler_resources',
  spark: 'driver_resources'
};
/** The roles of kinds whose pods are placed by what the function says of each. */
export const ROLES: Readonly<Record<string, readonly string[]>> = {
  spark: ['driver', 'executor']
};
// kinds whose pods have as much memory as they request, in the JVM's words
const IN_JVM: ReadonlySet<string> = new Set(['spark']);
// what a function calls its modes: one for all of its pods, or one for each role
const ONE_MODE: Modes = { preemption: 'preemption_mode' };
const MODES: Readonly<Record<string, Modes>> = {
  job: ONE_MODE,
  mpijob: ONE_MODE,
  dask: ONE_MODE,
  spark: {
    mainPreemption: 'driver_preemption_mode',
    preemption: 'executor_preemption_mode'
  }
};

const QUANTITY = /^(?=.*[1-9])\d+(\.\d+)?(m|k|[MGTPE]|[KMGTPE]i)?$/;
const JVM_MEMORY = /^(?=.*[1-9])\d+[KkMmGg]$/;
const MODE = new RegExp(`^(${PREEMPTION_MODES.join('|')})$`);
const PATTERNS: Readonly<Record<PodField, RegExp>> = {
  requestCpu: QUANTITY,
  requestMemory: QUANTITY,
  limitCpu: QUANTITY,
  limitMemory: QUANTITY,
  mainRequestCpu: QUANTITY,
  mainRequestMemory: QUANTITY,
  mainLimitCpu: QUANTITY,
  mainLimitMemory: QUANTITY,
  gpus: /^\d{1,3}$/,
  gpuType: new RegExp(`^[a-z0-9.-]+/${NAME}$`),
  nodes: SELECTOR,
  tolerations: TOLERATION,
  priority: /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/,
  preemption: MODE,
  mainPreemption: MODE
};

/** Whether functions of a kind run in pods where a cluster is configured. */
export function runsInPods(kind: string): boolean {
  return kind in PARTS;
}

/** Whether a kind has one pod beside the many, with a size of its own. */
export function hasMainPod(kind: string): boolean {
  return kind in MAIN_PARTS;
}

/** The fields of a kind's preemption modes, each with its name in the function. */
export function modesOf(kind: string): [PodField, string][] {
  return Object.entries(MODES[kind] ?? {}) as [PodField, string][];
}

/** Whether the memory of a kind's pods is written as the JVM does, such as 512m. */
export function isInJvm(kind: string): boolean {
  return IN_JVM.has(kind);
}

/** Whether a form asks for a field where a function is of a kind. */
export function asksFor(kind: string, field: PodField): boolean {
  if (field === 'preemption' || field === 'mainPreemption') {
    return field in (MODES[kind] ?? {});
  }
  if (field.startsWith('main') && !hasMainPod(kind)) {
    return false;
  }
  return !(isInJvm(kind) && field.endsWith('imitMemory'));
}

/** How a kind's field is typed. */
export function patternOf(kind: string, field: PodField): RegExp {
  return isInJvm(kind) && field.endsWith('equestMemory')
    ? JVM_MEMORY
    : PATTERNS[field];
}
