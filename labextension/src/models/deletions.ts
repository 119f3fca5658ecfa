import { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';
import type { IRunRef } from '../api/documents';
import { deleteRun } from '../api/runs';
import type { IMLRunDeletions, IMLRunService } from '../tokens';
import { runKey } from './selection';

/** How long a deletion can be taken back. */
export const UNDO_MS = 10000;

/** Runs about to be deleted together. */
export interface IDeletion {
  readonly runs: readonly IRunRef[];
  /** Take it back: nothing is deleted. */
  undo(): void;
}

/** What became of a deletion. */
export interface IDeletionEnd {
  deletion: IDeletion;
  /** Runs that could not be deleted, with the reason. */
  refused: { run: IRunRef; reason: unknown }[];
  undone: boolean;
}

/** Deletions wait before they are sent; a page that is left sends none. */
export class Deletions implements IMLRunDeletions, IDisposable {
  constructor(private _service: IMLRunService) {}

  /** Emitted when runs disappear from view or come back. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Emitted when a deletion was sent or taken back. */
  get ended(): ISignal<this, IDeletionEnd> {
    return this._ended;
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  /** Whether a run is about to be deleted. */
  has(ref: IRunRef): boolean {
    return this._waiting.has(runKey(ref));
  }

  /** Delete runs after the time in which it can be taken back. */
  schedule(runs: readonly IRunRef[], delay = UNDO_MS): IDeletion {
    runs.forEach(run => this._waiting.add(runKey(run)));
    const timer = setTimeout(() => {
      this._timers.delete(timer);
      void this._send(deletion);
    }, delay);
    const deletion: IDeletion = {
      runs,
      undo: () => {
        if (this._timers.delete(timer)) {
          clearTimeout(timer);
          this._finish({ deletion, refused: [], undone: true });
        }
      }
    };
    this._timers.add(timer);
    this._deletions.add(deletion);
    this._changed.emit();
    return deletion;
  }

  undo(ref: IRunRef): void {
    for (const deletion of this._deletions) {
      if (deletion.runs.some(run => runKey(run) === runKey(ref))) {
        deletion.undo();
      }
    }
  }

  dispose(): void {
    if (!this._disposed) {
      this._disposed = true;
      this._timers.forEach(timer => clearTimeout(timer));
      Signal.clearData(this);
    }
  }

  private async _send(deletion: IDeletion): Promise<void> {
    const refused: IDeletionEnd['refused'] = [];
    for (const run of deletion.runs) {
      try {
        await deleteRun(this._service.settings, run);
      } catch (reason) {
        refused.push({ run, reason });
      }
    }
    this._finish({ deletion, refused, undone: false });
  }

  private _finish(end: IDeletionEnd): void {
    this._deletions.delete(end.deletion);
    end.deletion.runs.forEach(run => this._waiting.delete(runKey(run)));
    this._changed.emit();
    this._ended.emit(end);
  }

  private _waiting = new Set<string>();
  private _deletions = new Set<IDeletion>();
  private _timers = new Set<ReturnType<typeof setTimeout>>();
  private _changed = new Signal<this, void>(this);
  private _ended = new Signal<this, IDeletionEnd>(this);
  private _disposed = false;
}
