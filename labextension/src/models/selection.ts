import { ISignal, Signal } from '@lumino/signaling';
import type { IEvent, IRunRef, IRunRow } from '../api/documents';
import type { IMLRunService } from '../tokens';

/** The name of a run among others. */
export function runKey(ref: IRunRef): string {
  return `${ref.project}/${ref.uid}`;
}

/** The runs that are selected, in the order in which they were. */
export class Selection {
  /** Emitted when the selection is another. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** The selected runs, first selected first. */
  get rows(): readonly IRunRow[] {
    return [...this._rows.values()];
  }

  /** How many are selected. */
  get size(): number {
    return this._rows.size;
  }

  /** Whether a run is selected. */
  has(ref: IRunRef): boolean {
    return this._rows.has(runKey(ref));
  }

  /** The place of a run in the selection, from 0, or -1. */
  indexOf(ref: IRunRef): number {
    return [...this._rows.keys()].indexOf(runKey(ref));
  }

  /** Select these and nothing else. */
  set(rows: readonly IRunRow[], anchor = -1): void {
    this._rows = new Map(rows.map(row => [runKey(row), row]));
    this._anchor = anchor;
    this._changed.emit();
  }

  /** Select a run or take it out. */
  toggle(row: IRunRow, index: number): void {
    if (!this._rows.delete(runKey(row))) {
      this._rows.set(runKey(row), row);
    }
    this._anchor = index;
    this._changed.emit();
  }

  /** Select everything from where the selection began to an index. */
  extend(index: number, rowAt: (index: number) => IRunRow | undefined): void {
    const anchor = this._anchor < 0 ? index : this._anchor;
    const rows: IRunRow[] = [];
    const step = index < anchor ? -1 : 1;
    for (let at = anchor; at !== index + step; at += step) {
      const row = rowAt(at);
      if (row) {
        rows.push(row);
      }
    }
    this.set(rows, anchor);
  }

  /** Take a newer row of a selected run; runs that are not selected change nothing. */
  update(row: IRunRow): void {
    if (this._rows.has(runKey(row))) {
      this._rows.set(runKey(row), row);
      this._changed.emit();
    }
  }

  /** Take a run out. */
  remove(ref: IRunRef): void {
    if (this._rows.delete(runKey(ref))) {
      this._changed.emit();
    }
  }

  /** Keep up with what happens to the selected runs. */
  follow(service: IMLRunService): void {
    service.events.connect(this._onEvent, this);
  }

  /** Hear of nothing more. */
  dispose(): void {
    Signal.clearData(this);
  }

  /** Select nothing. */
  clear(): void {
    if (this._rows.size) {
      this.set([]);
    }
  }

  private _onEvent(_: IMLRunService, event: IEvent): void {
    const { project, uid, summary } = event;
    if (event.kind !== 'run' || !uid || (event.iter ?? 0)) {
      return;
    }
    if (event.action === 'deleted') {
      this.remove({ project, uid });
    } else if (summary) {
      this.update(summary);
    }
  }

  private _rows = new Map<string, IRunRow>();
  private _anchor = -1;
  private _changed = new Signal<this, void>(this);
}
