import { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';
import { listArtifacts } from '../api/artifacts';
import { IArtifact, IEvent, IRun, IRunRef, isTerminal } from '../api/documents';
import { parseFunctionUri, readFunction, sourceOf } from '../api/functions';
import { reasonOf } from '../api/request';
import { readRun } from '../api/runs';
import type { IMLRunService } from '../tokens';
import { runKey } from './selection';

const QUIET = 700;
const MOST_PLOTTED = 6;

/** The runs of a comparison, each as it is now, with the code that each ran. */
export class ComparedRuns implements IDisposable {
  constructor(
    readonly service: IMLRunService,
    refs: readonly IRunRef[]
  ) {
    this._refs = [...refs];
    service.events.connect(this._onEvent, this);
    service.resync.connect(this._onResync, this);
    void this.load();
  }

  /** Emitted when a run was read, added or left out. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Which runs are compared, in the order of their letters. */
  get refs(): readonly IRunRef[] {
    return this._refs;
  }

  /** The runs that have been read, in the same order. */
  get runs(): readonly IRun[] {
    return this._refs
      .map(ref => this._runs.get(runKey(ref)))
      .filter((run): run is IRun => run !== undefined);
  }

  /** Why a run could not be read, or null. */
  get failure(): string | null {
    return this._failure;
  }

  /** Whether the first reading is over. */
  get ready(): boolean {
    return this._ready;
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  /** The code that a run ran; undefined until it is here. */
  code(run: IRun): string | undefined {
    return this._code.get(run.spec.function ?? '');
  }

  /** The artifacts of a run; none until they are here. */
  artifacts(run: IRun): readonly IArtifact[] {
    return this._artifacts.get(run.metadata.uid ?? '') ?? [];
  }

  /** Compare one more run. */
  async add(ref: IRunRef): Promise<void> {
    if (!this._refs.some(other => runKey(other) === runKey(ref))) {
      this._refs = [...this._refs, ref];
      await this.load();
    }
  }

  /** Leave a run out. */
  remove(ref: IRunRef): void {
    this._refs = this._refs.filter(other => runKey(other) !== runKey(ref));
    this._changed.emit();
  }

  /** Make a run the first, against which the others are measured. */
  makeBaseline(ref: IRunRef): void {
    const others = this._refs.filter(other => runKey(other) !== runKey(ref));
    this._refs = [ref, ...others];
    this._changed.emit();
  }

  /** Read all runs. */
  async load(): Promise<void> {
    this._failure = null;
    await Promise.all(this._refs.map(ref => this._read(ref)));
    this._ready = true;
    this._emit();
    await Promise.all(this.runs.map(run => this._readCode(run)));
    if (this.runs.length <= MOST_PLOTTED) {
      await Promise.all(this.runs.map(run => this._readArtifacts(run)));
    }
    this._emit();
  }

  dispose(): void {
    if (!this._disposed) {
      this._disposed = true;
      this._timers.forEach(timer => clearTimeout(timer));
      Signal.clearData(this);
    }
  }

  private async _read(ref: IRunRef): Promise<void> {
    const key = runKey(ref);
    const turn = (this._turns.get(key) ?? 0) + 1;
    this._turns.set(key, turn);
    try {
      const run = await readRun(this.service.settings, ref);
      if (this._turns.get(key) === turn) {
        this._runs.set(key, run);
      }
    } catch (reason) {
      if (this._turns.get(key) === turn) {
        this._failure = reasonOf(reason);
      }
    }
  }

  /** Read a run that has changed, and what it has kept since. */
  private async _readAnew(ref: IRunRef): Promise<void> {
    await this._read(ref);
    this._emit();
    const run = this._runs.get(runKey(ref));
    if (run && this.runs.length <= MOST_PLOTTED) {
      await this._readArtifacts(run);
      this._emit();
    }
  }

  private _emit(): void {
    if (!this._disposed) {
      this._changed.emit();
    }
  }

  private async _readCode(run: IRun): Promise<void> {
    const uri = run.spec.function ?? '';
    const parts = parseFunctionUri(uri);
    if (!parts || this._code.has(uri)) {
      return;
    }
    try {
      const doc = await readFunction(
        this.service.settings,
        parts.project,
        parts.name,
        parts
      );
      this._code.set(uri, sourceOf(doc));
    } catch {
      // a function that was deleted has no code to compare; the values still can be
      this._code.set(uri, '');
    }
  }

  private async _readArtifacts(run: IRun): Promise<void> {
    const { project, uid = '' } = run.metadata;
    if (Object.keys(run.status.artifact_uris ?? {}).length === 0) {
      return;
    }
    const turn = (this._plots.get(uid) ?? 0) + 1;
    this._plots.set(uid, turn);
    try {
      const query = { tree: uid };
      const found = await listArtifacts(this.service.settings, project, query);
      if (turn === this._plots.get(uid)) {
        this._artifacts.set(uid, found);
      }
    } catch (reason) {
      if (turn === this._plots.get(uid)) {
        this._failure = reasonOf(reason);
      }
    }
  }

  private _onEvent(_: IMLRunService, event: IEvent): void {
    const ref = this._refs.find(
      ({ project, uid }) => project === event.project && uid === event.uid
    );
    if (!ref || event.kind !== 'run' || this._timers.has(runKey(ref))) {
      return;
    }
    const wait = isTerminal(event.state ?? '') ? 0 : QUIET;
    const timer = setTimeout(async () => {
      this._timers.delete(runKey(ref));
      await this._readAnew(ref);
    }, wait);
    this._timers.set(runKey(ref), timer);
  }

  private _onResync(): void {
    void this.load();
  }

  private _refs: IRunRef[];
  private _runs = new Map<string, IRun>();
  private _artifacts = new Map<string, readonly IArtifact[]>();
  private _code = new Map<string, string>();
  private _turns = new Map<string, number>();
  private _plots = new Map<string, number>();
  private _timers = new Map<string, ReturnType<typeof setTimeout>>();
  private _changed = new Signal<this, void>(this);
  private _failure: string | null = null;
  private _ready = false;
  private _disposed = false;
}
