import { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';
import { IEvent, IRunRow, LIVE_STATES, isLive } from '../api/documents';
import { listRuns } from '../api/runs';
import { parseTime } from '../format';
import type { IMLRunActive, IMLRunService } from '../tokens';
import { runKey } from './selection';

const MOST = 200;

/** The runs that are not over, and how many failed since somebody looked. */
export class ActiveRuns implements IMLRunActive, IDisposable {
  constructor(readonly service: IMLRunService) {
    service.events.connect(this._onEvent, this);
    service.resync.connect(this._onResync, this);
  }

  /** Emitted when a run starts, changes or ends. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Emitted with a run that ended while the page watched. */
  get ended(): ISignal<this, IRunRow> {
    return this._ended;
  }

  /** The runs that are not over, newest first. */
  get rows(): readonly IRunRow[] {
    return [...this._rows.values()].sort(
      (a, b) => (parseTime(b.start_time) ?? 0) - (parseTime(a.start_time) ?? 0)
    );
  }

  /** How many run, of all projects. */
  get running(): number {
    return this._rows.size;
  }

  /** How many failed since `look` was called. */
  get failed(): number {
    return this._failed.size;
  }

  /** When somebody last looked (ms since 1970). */
  get lookedAt(): number {
    return this._lookedAt;
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  /** Somebody has looked: failures up to now are no news. */
  look(at = Date.now()): void {
    this._lookedAt = at;
    this._failed.clear();
    this._changed.emit();
  }

  /** Read the runs that are not over, and the failures since the last look. */
  async refresh(): Promise<void> {
    const heard = (this._heard = new Set<string>());
    const ask = (states: readonly string[]) =>
      listRuns(this.service.settings, { project: null, states, limit: MOST });
    const [live, failed] = await Promise.all([
      ask(LIVE_STATES),
      ask(['error'])
    ]);
    this.service.remember(live.rows);
    // what was heard of while the answer was on its way is newer than the answer
    const kept = [...this._rows].filter(([key]) => heard.has(key));
    const read = live.rows
      .map((row): [string, IRunRow] => [runKey(row), row])
      .filter(([key]) => !heard.has(key));
    this._rows = new Map([...read, ...kept]);
    for (const row of failed.rows) {
      if ((parseTime(row.end_time ?? row.last_update) ?? 0) > this._lookedAt) {
        this._failed.add(runKey(row));
      }
    }
    this._changed.emit();
  }

  touch(): void {
    this._changed.emit();
  }

  dispose(): void {
    if (!this._disposed) {
      this._disposed = true;
      Signal.clearData(this);
    }
  }

  private _onEvent(_: IMLRunService, event: IEvent): void {
    if (event.kind !== 'run' || !event.uid || (event.iter ?? 0)) {
      return;
    }
    const key = runKey({ project: event.project, uid: event.uid });
    const row = event.summary;
    this._heard.add(key);
    if (event.action === 'deleted') {
      this._rows.delete(key);
      this._failed.delete(key);
    } else if (row && isLive(row.state)) {
      this._rows.set(key, row);
    } else if (row) {
      this._end(key, row, event.action === 'created');
    }
    this._changed.emit();
  }

  /** A run that was seen alive has ended; one that arrives ended is only counted. */
  private _end(key: string, row: IRunRow, created: boolean): void {
    const watched = this._rows.delete(key);
    if (row.state === 'error' && (watched || created)) {
      this._failed.add(key);
    }
    if (watched) {
      this._ended.emit(row);
    }
  }

  private _onResync(): void {
    void this.refresh().catch(reason => {
      console.warn('MLRun: the active runs could not be read.', reason);
    });
  }

  private _rows = new Map<string, IRunRow>();
  private _failed = new Set<string>();
  private _heard = new Set<string>();
  private _lookedAt = Date.now();
  private _changed = new Signal<this, void>(this);
  private _ended = new Signal<this, IRunRow>(this);
  private _disposed = false;
}
