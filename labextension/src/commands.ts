import type { ReadonlyJSONObject } from '@lumino/coreutils';
import type { Widget } from '@lumino/widgets';
import type { IMatching, IRunRef } from './api/documents';

/** The ids of our commands: the words of menus, shortcuts, the palette and other extensions. */
export const CommandIDs = {
  openPanel: 'jupyter-mlrun:open-panel',
  openRuns: 'jupyter-mlrun:open-runs',
  openRun: 'jupyter-mlrun:open-run',
  openLog: 'jupyter-mlrun:open-log',
  compare: 'jupyter-mlrun:compare',
  comparePrevious: 'jupyter-mlrun:compare-previous',
  stopRun: 'jupyter-mlrun:stop-run',
  rerun: 'jupyter-mlrun:rerun',
  editAndRerun: 'jupyter-mlrun:edit-and-rerun',
  deleteRun: 'jupyter-mlrun:delete-run',
  copyRunId: 'jupyter-mlrun:copy-run-id',
  copyLine: 'jupyter-mlrun:copy-line',
  goToCell: 'jupyter-mlrun:go-to-cell',
  goToPlace: 'jupyter-mlrun:go-to-place',
  runForm: 'jupyter-mlrun:run-form',
  exportNotebook: 'jupyter-mlrun:export-notebook',
  insertCell: 'jupyter-mlrun:insert-cell',
  switchProject: 'jupyter-mlrun:switch-project',
  editLabels: 'jupyter-mlrun:edit-labels',
  groupRuns: 'jupyter-mlrun:group-runs',
  openSchedule: 'jupyter-mlrun:open-schedule',
  scheduleRun: 'jupyter-mlrun:schedule-run',
  runSchedule: 'jupyter-mlrun:run-schedule',
  pauseSchedule: 'jupyter-mlrun:pause-schedule',
  resumeSchedule: 'jupyter-mlrun:resume-schedule',
  deleteSchedule: 'jupyter-mlrun:delete-schedule',
  openAlert: 'jupyter-mlrun:open-alert',
  newAlert: 'jupyter-mlrun:new-alert',
  resetAlert: 'jupyter-mlrun:reset-alert',
  deleteAlert: 'jupyter-mlrun:delete-alert',
  openProject: 'jupyter-mlrun:open-project',
  openProjects: 'jupyter-mlrun:open-projects',
  newProject: 'jupyter-mlrun:new-project',
  openCluster: 'jupyter-mlrun:open-cluster',
  openArtifact: 'jupyter-mlrun:open-artifact',
  insertArtifact: 'jupyter-mlrun:insert-artifact',
  downloadArtifact: 'jupyter-mlrun:download-artifact',
  copyArtifactUri: 'jupyter-mlrun:copy-artifact-uri',
  deleteArtifact: 'jupyter-mlrun:delete-artifact',
  openFunction: 'jupyter-mlrun:open-function',
  deleteFunction: 'jupyter-mlrun:delete-function',
  exportFunction: 'jupyter-mlrun:export-function',
  exportRun: 'jupyter-mlrun:export-run',
  refresh: 'jupyter-mlrun:refresh',
  showKeys: 'jupyter-mlrun:show-keys',
  lastRunOfCell: 'jupyter-mlrun:last-run-of-cell',
  logOfCell: 'jupyter-mlrun:log-of-cell',
  goToFailingLine: 'jupyter-mlrun:go-to-failing-line',
  stopRunOfCell: 'jupyter-mlrun:stop-run-of-cell',
  rerunCell: 'jupyter-mlrun:rerun-cell',
  compareLastTwo: 'jupyter-mlrun:compare-last-two'
} as const;

/** Arguments of commands about one run. */
export interface IRunArgs extends IRunRef {
  /** The iteration; 0 is the run itself. */
  iter?: number;
  /** The section or line to show. */
  section?: string;
  line?: number;
  /** Where to put the tab. */
  mode?: 'split-right' | 'tab-after';
}

/** Arguments of `compare`. */
export interface ICompareArgs {
  runs: IRunRef[];
}

/** Arguments of `open-runs` and `open-panel`. */
export interface IFilterArgs {
  /** The filter to begin with. */
  q?: string;
  /** The project; null is all of them, left out is the current one. */
  project?: string | null;
}

/** Arguments of `insert-cell`: the source of a new cell below the active one. */
export interface IInsertArgs {
  source: string;
}

/** The JSON schema of a command's arguments, for `describedBy`. */
export interface IArgsSchema {
  args: ReadonlyJSONObject;
}

/** `describedBy` of a command that takes nothing. */
export const NO_ARGS: IArgsSchema = {
  args: { type: 'object', properties: {} }
};

/** `describedBy` of a command about one run. */
export const RUN_ARGS: IArgsSchema = {
  args: {
    type: 'object',
    properties: {
      project: { type: 'string', description: 'Project of the run' },
      uid: { type: 'string', description: 'Id of the run' },
      iter: { type: 'integer', description: 'Iteration; 0 is the run itself' },
      section: { type: 'string', description: 'Section to show' },
      line: { type: 'integer', description: 'Line to show' },
      mode: { type: 'string', description: 'split-right or tab-after' }
    },
    required: ['project', 'uid']
  }
};

/** `describedBy` of a command about one or more runs. */
export const RUNS_ARGS: IArgsSchema = {
  args: {
    type: 'object',
    properties: {
      project: { type: 'string', description: 'Project of the run' },
      uid: { type: 'string', description: 'Id of the run' },
      runs: {
        type: 'array',
        description: 'Several runs instead of one',
        items: {
          type: 'object',
          properties: {
            project: { type: 'string' },
            uid: { type: 'string' }
          }
        }
      },
      matching: {
        type: 'object',
        description: 'All runs that match a filter, instead of named ones'
      }
    }
  }
};

const NAME = /^[^\s/\\?#%]{1,256}$/;

/** `describedBy` of a command about an object that its project knows by name. */
export const NAMED_ARGS: IArgsSchema = {
  args: {
    type: 'object',
    properties: {
      project: { type: 'string', description: 'Project of the object' },
      name: { type: 'string', description: 'Its name' },
      section: { type: 'string', description: 'Section to show' },
      hash: { type: 'string', description: 'Version of a function' }
    },
    required: ['project', 'name']
  }
};

/** The object named by a command's arguments, or null when they name none. */
export function namedOfArgs(
  args: Readonly<Record<string, unknown>>
): { project: string; name: string } | null {
  const { project, name } = args;
  return typeof project === 'string' &&
    typeof name === 'string' &&
    NAME.test(project) &&
    NAME.test(name)
    ? { project, name }
    : null;
}

const KEY = /^[^\s\\?#%]{1,256}$/;

/** `describedBy` of a command about an artifact. */
export const ARTIFACT_ARGS: IArgsSchema = {
  args: {
    type: 'object',
    properties: {
      project: { type: 'string', description: 'Project of the artifact' },
      name: { type: 'string', description: 'Its key' },
      uid: { type: 'string', description: 'Its version; the newest without' },
      section: { type: 'string', description: 'Section to show' }
    },
    required: ['project', 'name']
  }
};

/** The artifact named by a command's arguments, or null; keys may hold slashes. */
export function artifactOfArgs(
  args: Readonly<Record<string, unknown>>
): { project: string; name: string; uid?: string } | null {
  const { project, name, uid } = args;
  return typeof project === 'string' &&
    typeof name === 'string' &&
    NAME.test(project) &&
    KEY.test(name) &&
    (uid === undefined || (typeof uid === 'string' && NAME.test(uid)))
    ? { project, name, ...(uid === undefined ? {} : { uid }) }
    : null;
}

/** The filter whose runs are all meant, named by a command's arguments, or null. */
export function matchingOfArgs(
  args: Readonly<Record<string, unknown>>
): IMatching | null {
  const { matching } = args;
  return typeof matching === 'object' && matching !== null
    ? (matching as IMatching)
    : null;
}

/** The run named by a command's arguments, or null when they name none. */
export function runOfArgs(
  args: Readonly<Record<string, unknown>>
): IRunRef | null {
  const { project, uid } = args;
  return typeof project === 'string' &&
    typeof uid === 'string' &&
    NAME.test(project) &&
    NAME.test(uid)
    ? { project, uid }
    : null;
}

/** The run of the tab in front, where it is a tab of a run or of its log. */
export function runInFront(shell: {
  currentWidget: Widget | null;
}): IRunRef | null {
  const node = shell.currentWidget?.node.querySelector<HTMLElement>(
    '.jp-mlrun-runPanel, .jp-mlrun-logPanel'
  );
  return node ? runOfArgs({ ...node.dataset }) : null;
}

/** The runs named by a command's arguments: those of `runs`, else the one. */
export function runsOfArgs(args: Readonly<Record<string, unknown>>): IRunRef[] {
  const all = Array.isArray(args.runs) ? args.runs : [args];
  return all
    .map(item => runOfArgs((item ?? {}) as Record<string, unknown>))
    .filter((run): run is IRunRef => run !== null);
}
