import type {
  IEntryPoint,
  IFunction,
  IRun,
  IRunSpec,
  JsonMap
} from '../../api/documents';
import type { ITask } from '../../api/submit';
import type { Wishes } from './wishes';

// what a handler takes as data rather than as a value
const DATA = /\b(DataFrame|DataItem|Series|ndarray)\b/;

/** What a form runs: a run again, or a stored function. */
export type FormTarget =
  | { project: string; uid: string }
  | { project: string; name: string; hash?: string };

/** When a form runs what it runs: at the times of a schedule, or at once where there is none. */
export interface IFormSchedule {
  text: string;
  zone: string;
  late: 'run' | 'skip';
  busy: 'skip' | 'wait';
}

/** Every night, in the user's zone: how the times of a form begin. */
export const NIGHTLY: IFormSchedule = {
  text: '0 2 * * *',
  zone: Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC',
  late: 'run',
  busy: 'skip'
};

/** What is typed into a form. */
export interface ITyped {
  parameters: JsonMap;
  inputs: Record<string, string>;
  secrets: Record<string, string>;
  wishes: Wishes;
}

/** The run and the function that a form begins with. */
export class Runnable {
  constructor(
    readonly target: FormTarget,
    readonly run: IRun | null,
    readonly code: IFunction | null
  ) {
    const entries = code?.spec.entry_points ?? {};
    const named = run?.spec.handler ?? code?.spec.default_handler ?? '';
    this.entry = entries[named] ?? Object.values(entries)[0];
    this.handler = named || (this.entry?.name ?? '');
    this.name = code?.metadata.name ?? run?.metadata.name ?? '';
    const own = 'uid' in target ? null : target;
    this.uri =
      run?.spec.function ??
      (own && code
        ? `${own.project}/${own.name}${own.hash ? `@${own.hash}` : ''}`
        : '');
  }

  /** The name of what runs. */
  readonly name: string;
  /** What is called in the function. */
  readonly entry: IEntryPoint | undefined;
  readonly handler: string;
  /** The address of the function; empty where it is not stored. */
  readonly uri: string;

  /** The inputs of the run, then those that the signature asks for as data. */
  get inputs(): Record<string, string> {
    const given = { ...this.run?.spec.inputs };
    const values = this.run?.spec.parameters ?? {};
    for (const { name, type, default: standard } of this.entry?.parameters ??
      []) {
      if (
        DATA.test(type ?? '') &&
        standard === undefined &&
        !(name in given) &&
        !(name in values)
      ) {
        given[name] = '';
      }
    }
    return given;
  }

  /** The names of the outputs, as the run or the signature says. */
  get returns(): string[] {
    const declared = (this.entry?.outputs ?? []).flatMap(output =>
      output.name ? [output.name] : []
    );
    return [...(this.run?.spec.returns ?? declared)];
  }

  /** The kind of the run, else of the function. */
  get kind(): string {
    return this.run?.metadata.labels?.kind ?? this.code?.kind ?? 'local';
  }

  /** The task that runs it now. */
  taskNow(typed: ITyped): ITask {
    const { project } = this.target;
    const { name, labels = {} } = this.run?.metadata ?? { name: this.name };
    const kept = Object.entries(labels).filter(([key]) => key !== 'host');
    return {
      task: {
        metadata: { name, project, labels: Object.fromEntries(kept) },
        spec: this._spec({ ...this.run?.spec, secrets: undefined }, typed)
      },
      function: this.newVersion(typed.wishes),
      secrets: typed.secrets
    };
  }

  /** The task that a schedule runs: with secrets by name, and those it tells. */
  taskLater(typed: ITyped): ITask['task'] {
    const { project } = this.target;
    const { spec } = this.run ?? {};
    const kept = {
      hyperparams: spec?.hyperparams,
      hyper_param_options: spec?.hyper_param_options,
      secret_sources: spec?.secret_sources,
      notifications: spec?.notifications,
      limits: spec?.limits
    };
    return {
      metadata: { name: this.name, project },
      spec: this._spec(kept, typed)
    };
  }

  /** The function as another kind or with other pods, where that is asked for. */
  newVersion(wishes: Wishes): IFunction | undefined {
    const { code } = this;
    if (!code || !wishes.isNewVersion) {
      return undefined;
    }
    const { name, project, labels } = code.metadata;
    return {
      ...code,
      kind: wishes.kind,
      metadata: { name, project, labels },
      spec: { ...code.spec, ...wishes.pods.change(wishes.kind, code.spec) },
      status: undefined
    };
  }

  private _spec(kept: IRunSpec, typed: ITyped): IRunSpec {
    const { limits, returns } = typed.wishes;
    return {
      ...kept,
      function: this.uri,
      handler: this.handler,
      parameters: typed.parameters,
      inputs: typed.inputs,
      returns,
      ...(Object.keys(limits).length || kept.limits ? { limits } : {})
    };
  }
}
