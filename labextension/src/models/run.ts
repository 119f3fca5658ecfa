import { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';
import {
  IEvent,
  IRun,
  IRunRef,
  IRunRow,
  JsonMap,
  isTerminal
} from '../api/documents';
import { RequestError, reasonOf } from '../api/request';
import { readRun, stopRun } from '../api/runs';
import type { IMLRunService } from '../tokens';

const QUIET = 700;
const ROW_VALUES = 20;

function firstOf(values: JsonMap | undefined): JsonMap {
  return Object.fromEntries(Object.entries(values ?? {}).slice(0, ROW_VALUES));
}

function secondsBetween(
  start: string | null | undefined,
  end: string | null | undefined
): number | null {
  const span = Date.parse(end ?? '') - Date.parse(start ?? '');
  return Number.isNaN(span) ? null : span / 1000;
}

/** What lists show of a run, taken from its whole document. */
export function rowOf(run: IRun): IRunRow {
  const { metadata, spec, status } = run;
  const origin = spec.origin ?? {};
  const ended = isTerminal(status.state);
  return {
    project: metadata.project,
    uid: metadata.uid ?? '',
    iter: metadata.iteration ?? 0,
    name: metadata.name,
    state: status.state,
    start_time: status.start_time ?? null,
    end_time: status.end_time ?? null,
    last_update: status.last_update ?? null,
    duration: ended
      ? secondsBetween(status.start_time, status.end_time ?? status.last_update)
      : null,
    kind: metadata.labels?.kind ?? null,
    function: spec.function ?? null,
    owner: metadata.labels?.owner ?? null,
    labels: metadata.labels ?? {},
    parameters: firstOf(spec.parameters),
    results: firstOf(status.results),
    progress: status.progress ?? null,
    error: status.error ?? null,
    reason: status.reason ?? null,
    status_text: status.status_text ?? null,
    notebook: origin.notebook ?? null,
    cell_id: origin.cell_id ?? null,
    cell_hash: origin.cell_hash ?? null,
    iterations: status.iterations ? status.iterations.length - 1 : null,
    done_iterations: null,
    series: ended ? null : (status.series ?? null),
    artifact_count: status.artifacts?.length ?? null,
    host: status.host ?? null
  };
}

/** One run, kept as it is in the service for as long as somebody looks at it. */
export class RunModel implements IDisposable {
  /**
   * Nothing is asked before `refresh`. With `whole`, the document follows every event;
   * without it, it is read again only when the run ends.
   */
  constructor(
    readonly service: IMLRunService,
    readonly ref: IRunRef,
    private _options: { row?: IRunRow | null; whole?: boolean } = {}
  ) {
    this._row = service.row(ref.project, ref.uid) ?? _options.row ?? null;
    service.events.connect(this._onEvent, this);
    service.resync.connect(this._onResync, this);
  }

  /** Emitted when anything of the run has changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** The run as lists show it; null until something is known. */
  get row(): IRunRow | null {
    return this._row;
  }

  /** The whole document; null until it has been read. */
  get doc(): IRun | null {
    return this._doc;
  }

  /** Why the last reading failed, or null. */
  get failure(): string | null {
    return this._failure;
  }

  /** The run is not in the service any more. */
  get gone(): boolean {
    return this._gone;
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  /** Read the document again. */
  async refresh(): Promise<void> {
    const turn = ++this._turn;
    try {
      const doc = await readRun(this.service.settings, this.ref);
      if (this._disposed || turn < this._answered) {
        return;
      }
      this._answered = turn;
      this._doc = doc;
      this._take(rowOf(doc));
      if (this._row && !this.service.row(this.ref.project, this.ref.uid)) {
        this.service.remember([this._row]);
      }
      this._failure = null;
      this._gone = false;
    } catch (error) {
      if (turn < this._answered) {
        return;
      }
      this._gone = error instanceof RequestError && error.status === 404;
      this._failure = reasonOf(error);
    }
    if (!this._disposed) {
      this._changed.emit();
    }
  }

  /** Ask for the run's end; shown at once, taken back with the reason when refused. */
  async stop(): Promise<void> {
    const before = this._row;
    if (before) {
      this._row = { ...before, state: 'aborting' };
      this._changed.emit();
    }
    try {
      await stopRun(this.service.settings, this.ref);
      await this.refresh();
    } catch (error) {
      this._row = before;
      this._failure = reasonOf(error);
      this._changed.emit();
    }
  }

  dispose(): void {
    if (!this._disposed) {
      this._disposed = true;
      clearTimeout(this._timer);
      Signal.clearData(this);
    }
  }

  private _take(row: IRunRow): void {
    const known = this._row;
    // the list knows counts that the document does not carry
    this._row = known
      ? {
          ...row,
          done_iterations: row.done_iterations ?? known.done_iterations,
          series: row.series ?? (isTerminal(row.state) ? null : known.series)
        }
      : row;
  }

  private _onEvent(_: IMLRunService, event: IEvent): void {
    if (event.uid !== this.ref.uid || event.project !== this.ref.project) {
      return;
    }
    if (event.kind === 'run' && event.action === 'deleted' && !event.iter) {
      this._gone = true;
      this._changed.emit();
      return;
    }
    const row = event.summary;
    const ended =
      row?.iter === 0 &&
      isTerminal(row.state) &&
      this._doc?.status.state !== row.state;
    if (row?.iter === 0) {
      this._take(row);
      this._changed.emit();
    }
    if (event.kind !== 'log' && (ended || this._options.whole)) {
      this._refreshSoon(ended ? 0 : QUIET);
    }
  }

  private _onResync(): void {
    if (!this._row || !isTerminal(this._row.state) || this._failure) {
      this._refreshSoon(0);
    }
  }

  private _refreshSoon(delay: number): void {
    if (this._timer === undefined || delay === 0) {
      clearTimeout(this._timer);
      this._timer = setTimeout(() => {
        this._timer = undefined;
        void this.refresh();
      }, delay);
    }
  }

  private _changed = new Signal<this, void>(this);
  private _row: IRunRow | null;
  private _doc: IRun | null = null;
  private _failure: string | null = null;
  private _gone = false;
  private _disposed = false;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  // an answer that was overtaken by a later one is older than what is known
  private _turn = 0;
  private _answered = 0;
}
