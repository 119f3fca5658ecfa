import { DisposableSet, IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';
import { listArtifacts } from '../../api/artifacts';
import {
  IArtifact,
  IFunction,
  IRun,
  IRunRef,
  IRunRow,
  isLive
} from '../../api/documents';
import {
  findFunction,
  parseFunctionUri,
  readFunction
} from '../../api/functions';
import { reasonOf } from '../../api/request';
import { IRunUser, listIterations, readRunUsers, rerun } from '../../api/runs';
import {
  IDifferences,
  compareRuns,
  readPreviousRun
} from '../../models/differences';
import { LogModel } from '../../models/log';
import { RunModel } from '../../models/run';
import type { IMLRunService } from '../../tokens';

/** Sections of a run's tab, in order. */
export type Section =
  | 'overview'
  | 'iterations'
  | 'artifacts'
  | 'log'
  | 'code'
  | 'environment'
  | 'pods'
  | 'lineage';

/** One run's tab: the run, what it is compared with, its artifacts, function and log. */
export class RunTabModel implements IDisposable {
  constructor(
    readonly service: IMLRunService,
    readonly ref: IRunRef
  ) {
    this.run = new RunModel(service, ref, { whole: true });
    this._held.add(this.run);
    this.run.changed.connect(this._onRun, this);
  }

  readonly run: RunModel;
  /** The log, once its section has been opened. */
  log: LogModel | null = null;
  /** The line of the log to show; each new object is a new wish. */
  wish: { line: number } | null = null;
  /** The run of the same function before this one; null when there is none or it is not known yet. */
  previous: IRun | null = null;
  differences: IDifferences | null = null;
  artifacts: readonly IArtifact[] = [];
  /** The version of the function that ran. */
  code: IFunction | null = null;
  /** The latest version of that function, once it was asked for. */
  latest: IFunction | null = null;
  /** Why the artifacts were not read, or null. */
  artifactsFailure: string | null = null;
  /** The runs that took what this one left; null until they were asked for. */
  users: readonly IRunUser[] | null = null;
  /** Why those runs were not read, or null. */
  usersFailure: string | null = null;
  /** The rows of the iterations by their number, once they were asked for. */
  iterationRows: ReadonlyMap<number, IRunRow> = new Map();
  /** What did not load, as sentences. */
  failures: string[] = [];

  /** Emitted when anything of the tab has changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._held.isDisposed;
  }

  get row(): IRunRow | null {
    return this.run.row;
  }

  get doc(): IRun | null {
    return this.run.doc;
  }

  get section(): Section {
    return this._section;
  }

  /** The open section; opening the log begins to read it. */
  set section(section: Section) {
    if (section === 'log' && !this.log) {
      this.log = new LogModel(this.service, this.ref);
      this.log.changed.connect(() => this._changed.emit());
      this._held.add(this.log);
      void this.log.open(this.row?.state);
    }
    this._section = section;
    this._changed.emit();
  }

  /** Read the run and everything around it. */
  async open(): Promise<void> {
    await this.run.refresh();
    if (this.doc) {
      await Promise.all([
        this._load(this._readPrevious()),
        this._load(this._readCode())
      ]);
    }
  }

  /** Show the log, at a line or at its first problem. */
  async showLog(line?: number): Promise<void> {
    this.section = 'log';
    const { log } = this;
    if (line === undefined && log && !log.loaded) {
      await new Promise<void>(resolve => {
        const loaded = () => {
          if (log.loaded) {
            log.changed.disconnect(loaded);
            resolve();
          }
        };
        log.changed.connect(loaded);
      });
    }
    const wanted = line ?? log?.firstError;
    if (wanted) {
      this.wish = { line: wanted };
      this._changed.emit();
    }
  }

  /** Run the same again. */
  async rerun(): Promise<IRunRef | null> {
    try {
      const made = await rerun(this.service.settings, this.ref);
      return {
        project: made.metadata.project,
        uid: made.metadata.uid ?? ''
      };
    } catch (error) {
      this._fail(error);
      return null;
    }
  }

  dispose(): void {
    if (!this.isDisposed) {
      this._held.dispose();
      Signal.clearData(this);
    }
  }

  private _onRun(): void {
    const { doc } = this;
    const sign = doc && `${doc.status.state} ${doc.status.last_update}`;
    if (sign && sign !== this._sign) {
      this._sign = sign;
      void this.readArtifacts();
      if (this.previous && !isLive(doc.status.state)) {
        this.differences = compareRuns(doc, this.previous);
      }
    }
    this._changed.emit();
  }

  /** Read the artifacts; what is known stays where that fails. */
  async readArtifacts(): Promise<void> {
    const turn = ++this._artifactsTurn;
    const { settings } = this.service;
    const { project, uid } = this.ref;
    try {
      const found = await listArtifacts(settings, project, { tree: uid });
      if (turn === this._artifactsTurn) {
        this.artifacts = found;
        this.artifactsFailure = null;
      }
    } catch (error) {
      if (turn === this._artifactsTurn) {
        this.artifactsFailure = reasonOf(error);
      }
    }
    this._emit();
  }

  /** Read who took what this run left. */
  async readUsers(): Promise<void> {
    try {
      this.users = await readRunUsers(this.service.settings, this.ref);
      this.usersFailure = null;
    } catch (error) {
      this.usersFailure = reasonOf(error);
    }
    this._emit();
  }

  /** Read the rows of the iterations, which say how long each took. */
  async readIterations(): Promise<void> {
    await this._load(
      listIterations(this.service.settings, this.ref).then(rows => {
        this.iterationRows = new Map(rows.map(row => [row.iter, row]));
      })
    );
  }

  /** Read the latest version of the function that ran. */
  async readLatest(): Promise<void> {
    const place = parseFunctionUri(this.doc?.spec.function ?? '');
    if (place) {
      await this._load(this._readLatest(place));
    }
  }

  private async _readLatest({
    project,
    name
  }: {
    project: string;
    name: string;
  }): Promise<void> {
    // a function without a latest version has nothing to compare with
    const latest = { project, name, tag: 'latest' };
    this.latest = await findFunction(this.service.settings, latest);
  }

  private async _readPrevious(): Promise<void> {
    const { doc } = this;
    this.previous = doc && (await readPreviousRun(this.service.settings, doc));
    this.differences = doc && this.previous && compareRuns(doc, this.previous);
  }

  private async _readCode(): Promise<void> {
    const place = parseFunctionUri(this.doc?.spec.function ?? '');
    this.code =
      place &&
      (await readFunction(
        this.service.settings,
        place.project,
        place.name,
        place
      ));
  }

  private async _load(reading: Promise<void>): Promise<void> {
    try {
      await reading;
    } catch (error) {
      this._fail(error);
    }
    this._emit();
  }

  private _emit(): void {
    if (!this.isDisposed) {
      this._changed.emit();
    }
  }

  private _fail(error: unknown): void {
    const reason = reasonOf(error);
    if (!this.failures.includes(reason)) {
      this.failures = [...this.failures, reason];
    }
    this._changed.emit();
  }

  private _section: Section = 'overview';
  private _sign: string | null = null;
  private _artifactsTurn = 0;
  private _held = new DisposableSet();
  private _changed = new Signal<this, void>(this);
}
