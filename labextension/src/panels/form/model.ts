import type { TranslationBundle } from '@jupyterlab/translation';
import { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';
import type {
  IFunction,
  IRun,
  IRunRef,
  Json,
  JsonMap
} from '../../api/documents';
import { readStatus } from '../../api/events';
import {
  findFunction,
  parseFunctionUri,
  readFunction,
  sourceOf
} from '../../api/functions';
import { reasonOf } from '../../api/request';
import { readRun } from '../../api/runs';
import { createSchedule } from '../../api/schedules';
import { submitAgain, submitTask } from '../../api/submit';
import { IArtifactRow, readArtifactRows } from '../../models/artifact';
import { cronLine } from '../../models/cron';
import type { IMLRunService } from '../../tokens';
import {
  IField,
  Typed,
  fieldsOf,
  magicLine,
  parseField,
  textOf
} from './fields';
import { FormTarget, IFormSchedule, ITyped, NIGHTLY, Runnable } from './task';
import { IDryRun, dryRunOf } from './dryRun';
import { runsInPods } from './podKinds';
import { Wishes } from './wishes';

/** What a form has made: a run, or a schedule by its name. */
export type FormMade =
  { run: IRunRef } | { schedule: { project: string; name: string } };

/** A form that runs something: its fields, what was typed into them, and what is wrong with it. */
export class FormModel implements IDisposable {
  constructor(
    readonly service: IMLRunService,
    readonly target: FormTarget,
    private _trans: TranslationBundle
  ) {
    this._what = new Runnable(target, null, null);
  }

  /** Emitted when anything of the form has changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  name = '';
  doc = '';
  fields: IField[] = [];
  inputNames: string[] = [];
  secretNames: string[] = [];
  /** What inputs can be chosen from. */
  artifacts: readonly IArtifactRow[] = [];
  /** What is asked for beside the values. */
  readonly wishes = new Wishes();
  /** Whether the service has a cluster for kinds that run in pods. */
  onCluster = false;
  loaded = false;
  sending = false;
  /** Why it did not load or start, or null. */
  failure: string | null = null;
  /** Why there is nothing to choose from, or null. */
  trouble: string | null = null;
  /** The times at which to run; null is now. */
  schedule: IFormSchedule | null = null;
  /** Wrong values are marked from the first try on. */
  tried = false;

  get isDisposed(): boolean {
    return this._disposed;
  }

  /** Read the run and its function, or the function alone. */
  async open(): Promise<void> {
    try {
      const { settings } = this.service;
      if ('uid' in this.target) {
        const run = await readRun(settings, this.target);
        const place = parseFunctionUri(run.spec.function ?? '');
        this._take(run, place && (await findFunction(settings, place)));
      } else {
        const { project, name } = this.target;
        this._take(
          null,
          await readFunction(settings, project, name, this.target)
        );
      }
      this.loaded = true;
      this.failure = null;
      this._emit();
      await this._readChoices();
    } catch (reason) {
      this.failure = reasonOf(reason);
    }
    this._emit();
  }

  /** Where and how requests are sent. */
  get settings() {
    return this.service.settings;
  }

  /** Only a stored function can run by the clock, and without secrets that somebody types. */
  get canSchedule(): boolean {
    return this._what.uri !== '' && this.secretNames.length === 0;
  }

  /** Whether there is a function of which another kind can be made. */
  get canChangeKind(): boolean {
    return this._what.code !== null;
  }

  /** Have those who show the form draw it again. */
  touch(): void {
    this._emit();
  }

  /** What this would be, and what goes along; nothing is stored or run. */
  get dryRun(): IDryRun {
    return dryRunOf(this._what, this._typed(), this.secretNames, this._trans);
  }

  /** Say why nothing came of it. */
  fail(reason: unknown): void {
    this.failure = reasonOf(reason);
    this._emit();
  }

  /** Choose when to run: now, or at times, which begin as every night. */
  when(schedule: Partial<IFormSchedule> | null): void {
    this.schedule = schedule && {
      ...(this.schedule ?? NIGHTLY),
      ...schedule
    };
    this._emit();
  }

  /** What was typed into a field. */
  text(name: string): string {
    return this._texts.get(name) ?? '';
  }

  /** Type into a field. */
  type(name: string, text: string): void {
    this._texts.set(name, text);
    this._emit();
  }

  /** What a field's text stands for. */
  typed(field: IField): Typed {
    return parseField(field, this.text(`p ${field.name}`), {
      int: this._trans.__('This is a whole number, such as 200.'),
      float: this._trans.__('This is a number, such as 0.05.'),
      bool: this._trans.__('This is true or false.'),
      json: this._trans.__('This is JSON, such as [1, 2] or {"a": 1}.'),
      empty: this._trans.__('This needs a value.')
    });
  }

  /** Whether a field's value is another than before. */
  isChanged(field: IField): boolean {
    const typed = this.typed(field);
    return (
      'value' in typed &&
      typed.value !== undefined &&
      JSON.stringify(typed.value) !== JSON.stringify(field.was)
    );
  }

  /** How many parameters, inputs and wishes have changed. */
  get changes(): number {
    const inputs = this.inputNames.filter(
      name => this.text(`i ${name}`) !== this._inputs[name]
    );
    return (
      this.fields.filter(field => this.isChanged(field)).length +
      inputs.length +
      (this.wishes.isChanged ? 1 : 0)
    );
  }

  /** Whether an input that the function needs is not given. */
  misses(name: string): boolean {
    return this.inputNames.includes(name) && !this.text(`i ${name}`).trim();
  }

  /** The first field that is wrong, or null. */
  get wrong(): IField | null {
    return this.fields.find(field => 'problem' in this.typed(field)) ?? null;
  }

  /** The line that does the same in a cell. */
  get line(): string {
    const parameters = Object.fromEntries(
      Object.entries(this._values()).filter(
        ([key, value]) =>
          JSON.stringify(value) !==
          JSON.stringify(
            this.fields.find(field => field.name === key)?.standard
          )
      )
    );
    return magicLine(
      this.name,
      parameters,
      this._inputValues(),
      this.wishes.returns,
      this.target.project,
      this.schedule ? this._cron(this.schedule) : '',
      this.wishes.options
    );
  }

  /** The lines of Python that give the function what is asked for its pods. */
  get podLines(): string[] {
    const { kind, pods } = this.wishes;
    return runsInPods(kind) && pods.isChanged ? pods.lines(kind) : [];
  }

  /** Whether everything is typed rightly; from now on what is wrong is marked. */
  check(): boolean {
    this.tried = true;
    this._emit();
    return (
      !this.wrong &&
      this.wishes.isRight &&
      !this.inputNames.some(name => this.misses(name))
    );
  }

  /** Start the run or save the schedule; null when that failed, and `failure` says why. */
  async submit(): Promise<FormMade | null> {
    if (!this.check()) {
      return null;
    }
    this.sending = true;
    this._emit();
    try {
      const made = this.schedule
        ? { schedule: await this._save(this.schedule) }
        : { run: await this._run() };
      this.failure = null;
      return made;
    } catch (reason) {
      this.failure = reasonOf(reason);
      return null;
    } finally {
      this.sending = false;
      this._emit();
    }
  }

  dispose(): void {
    if (!this._disposed) {
      this._disposed = true;
      Signal.clearData(this);
    }
  }

  /** Read what there is to choose from; without it everything can be typed. */
  private async _readChoices(): Promise<void> {
    try {
      const { kinds, cluster } = await readStatus(this.settings);
      this.wishes.kinds = kinds;
      this.onCluster = cluster === true;
      if (this.inputNames.length > 0) {
        const { project } = this.target;
        this.artifacts = (await readArtifactRows(this.settings, project)).rows;
      }
    } catch (reason) {
      this.trouble = reasonOf(reason);
    }
  }

  private async _run(): Promise<IRunRef> {
    const { project, uid = '' } = (await this._send()).metadata;
    return { project, uid };
  }

  private async _save(
    schedule: IFormSchedule
  ): Promise<{ project: string; name: string }> {
    const typed = this._typed();
    await createSchedule(
      this.settings,
      this._what.taskLater(typed),
      this._cron(schedule),
      {
        if_late: schedule.late,
        if_busy: schedule.busy,
        function: this._what.newVersion(typed.wishes)
      }
    );
    return { project: this.target.project, name: this.name };
  }

  private _cron(schedule: IFormSchedule): string {
    return cronLine(schedule.text, schedule.zone);
  }

  private async _send(): Promise<IRun> {
    const typed = this._typed();
    if ('uid' in this.target && !this.wishes.isChanged) {
      const { parameters, inputs, secrets } = typed;
      return submitAgain(this.settings, this.target, {
        parameters,
        inputs,
        secrets
      });
    }
    const missing = this.secretNames.find(name => !(name in typed.secrets));
    if (missing) {
      throw new Error(
        this._trans.__('the secret %1 is kept nowhere: type it again', missing)
      );
    }
    return submitTask(this.settings, this._what.taskNow(typed));
  }

  private _typed(): ITyped {
    const secrets = this.secretNames
      .map(name => [name, this.text(`s ${name}`)])
      .filter(([, value]) => value !== '');
    return {
      parameters: this._values(),
      inputs: this._inputValues(),
      secrets: Object.fromEntries(secrets) as Record<string, string>,
      wishes: this.wishes
    };
  }

  private _take(run: IRun | null, code: IFunction | null): void {
    const what = new Runnable(this.target, run, code);
    this._what = what;
    this.name = what.name;
    this.doc = what.entry?.doc ?? '';
    this._inputs = what.inputs;
    this.inputNames = Object.keys(this._inputs);
    this.secretNames = [...(run?.spec.secrets ?? [])];
    this.wishes.begin(what.returns, what.kind, run?.spec, code);
    const parameters = run?.spec.parameters ?? {};
    const source = code ? sourceOf(code) : '';
    this.fields = fieldsOf(what.entry, parameters, this.inputNames, source);
    for (const field of this.fields) {
      this._texts.set(`p ${field.name}`, textOf(field, field.was));
    }
    for (const [name, uri] of Object.entries(this._inputs)) {
      this._texts.set(`i ${name}`, uri);
    }
  }

  private _values(): JsonMap {
    const found: [string, Json][] = [];
    for (const field of this.fields) {
      const typed = this.typed(field);
      if ('value' in typed && typed.value !== undefined) {
        found.push([field.name, typed.value]);
      }
    }
    return Object.fromEntries(found);
  }

  private _inputValues(): Record<string, string> {
    return Object.fromEntries(
      this.inputNames
        .map(name => [name, this.text(`i ${name}`).trim()])
        .filter(([, uri]) => uri !== '')
    ) as Record<string, string>;
  }

  private _emit(): void {
    if (!this._disposed) {
      this._changed.emit();
    }
  }

  private _what: Runnable;
  private _inputs: Record<string, string> = {};
  private _texts = new Map<string, string>();
  private _changed = new Signal<this, void>(this);
  private _disposed = false;
}
