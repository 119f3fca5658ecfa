import { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';
import { IEvent, IRunRow, isTerminal } from '../api/documents';
import { listIterations } from '../api/runs';
import { reasonOf } from '../api/request';
import type { IMLRunService } from '../tokens';
import type { RunList } from './runList';
import { runKey } from './selection';

const QUIET = 1000;

/** What stands in a line of the list: a run, or an iteration of one. */
export interface IPlace {
  /** The index of the run among the runs. */
  index: number;
  /** The place of the iteration among its run's, or null for the run itself. */
  child: number | null;
}

/** A list of runs some of which show their iterations below them. */
export class ExpandedRuns implements IDisposable {
  constructor(readonly list: RunList) {
    list.service.events.connect(this._onEvent, this);
  }

  /** Emitted when iterations appear, change or go. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** How many lines there are. */
  get count(): number {
    return this.list.total + this._open().reduce((sum, [, n]) => sum + n, 0);
  }

  /** A number that changes with the iterations shown. */
  get layout(): number {
    return this._layout;
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  /** What stands in a line. */
  placeOf(line: number): IPlace {
    let before = 0;
    for (const [index, count] of this._open()) {
      const first = index + before + 1;
      if (line < first) {
        break;
      }
      if (line < first + count) {
        return { index, child: line - first };
      }
      before += count;
    }
    return { index: line - before, child: null };
  }

  /** The line in which a run stands. */
  lineOf(index: number): number {
    return this._open().reduce(
      (line, [open, count]) => line + (open < index ? count : 0),
      index
    );
  }

  /** The row of a line, when it is here. */
  at(line: number): IRunRow | undefined {
    const { index, child } = this.placeOf(line);
    const row = this.list.at(index);
    return row && child !== null ? this.iterations(row)?.[child] : row;
  }

  /** The iterations of a run that shows them; undefined when it does not. */
  iterations(row: IRunRow): readonly IRunRow[] | undefined {
    return this._rows.get(runKey(row));
  }

  /** Why the iterations of a run could not be read, or undefined. */
  failure(row: IRunRow): string | undefined {
    return this._failures.get(runKey(row));
  }

  /** Show the iterations of a run, or hide them. */
  async expand(row: IRunRow, wanted: boolean): Promise<void> {
    const key = runKey(row);
    this._failures.delete(key);
    if (wanted) {
      this._rows.set(key, []);
      await this._read(row, true);
    } else if (this._rows.delete(key)) {
      this._moved();
    }
  }

  dispose(): void {
    if (!this._disposed) {
      this._disposed = true;
      this._timers.forEach(timer => clearTimeout(timer));
      Signal.clearData(this);
    }
  }

  /** Read a run's iterations; what is shown stays where a later reading fails. */
  private async _read(
    ref: { project: string; uid: string },
    first = false
  ): Promise<void> {
    const key = runKey(ref);
    const turn = (this._turns.get(key) ?? 0) + 1;
    this._turns.set(key, turn);
    const isCurrent = () =>
      this._turns.get(key) === turn && this._rows.has(key) && !this._disposed;
    try {
      const rows = await listIterations(this.list.service.settings, ref);
      if (isCurrent()) {
        this._rows.set(key, rows);
        this._failures.delete(key);
      }
    } catch (reason) {
      if (isCurrent()) {
        this._failures.set(key, reasonOf(reason));
        if (first) {
          this._rows.delete(key);
        }
      }
    }
    this._moved();
  }

  /** Index and number of iterations of each run that shows them, in order. */
  private _open(): readonly (readonly [number, number])[] {
    const { layout } = this.list;
    if (this._known?.layout !== layout) {
      const open = [...this._rows].flatMap(([key, rows]) => {
        const at = key.indexOf('/');
        const ref = { project: key.slice(0, at), uid: key.slice(at + 1) };
        const index = this.list.find(ref);
        return index < 0 ? [] : [[index, rows.length] as const];
      });
      this._known = { layout, open: open.sort(([a], [b]) => a - b) };
    }
    return this._known.open;
  }

  private _onEvent(_: IMLRunService, event: IEvent): void {
    const { project, uid = '' } = event;
    const key = runKey({ project, uid });
    if (event.kind !== 'run' || !this._rows.has(key) || this._timers.has(key)) {
      return;
    }
    const wait = isTerminal(event.state ?? '') ? 0 : QUIET;
    const timer = setTimeout(() => {
      this._timers.delete(key);
      if (this._rows.has(key)) {
        void this._read({ project, uid });
      }
    }, wait);
    this._timers.set(key, timer);
  }

  private _moved(): void {
    this._known = null;
    this._layout += 1;
    this._changed.emit();
  }

  private _rows = new Map<string, readonly IRunRow[]>();
  private _failures = new Map<string, string>();
  private _turns = new Map<string, number>();
  private _timers = new Map<string, ReturnType<typeof setTimeout>>();
  private _known: {
    layout: number;
    open: readonly (readonly [number, number])[];
  } | null = null;
  private _changed = new Signal<this, void>(this);
  private _layout = 0;
  private _disposed = false;
}
