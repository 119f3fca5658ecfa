import { ISignal, Signal } from '@lumino/signaling';
import type { IEvent, IMatching, IRunRef, IRunRow } from '../api/documents';
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
    return this._matching
      ? this._matching.count - this._matching.except.length
      : this._rows.size;
  }

  /** What is selected, where that is everything that matches a filter; else null. */
  get matching(): IMatching | null {
    return this._matching;
  }

  /** Whether a run is selected. */
  has(ref: IRunRef): boolean {
    return this._matching
      ? !this._matching.except.includes(ref.uid)
      : this._rows.has(runKey(ref));
  }

  /** The place of a run in the selection, from 0, or -1. */
  indexOf(ref: IRunRef): number {
    return [...this._rows.keys()].indexOf(runKey(ref));
  }

  /** Select these and nothing else. */
  set(rows: readonly IRunRow[], anchor = -1): void {
    this._matching = null;
    this._rows = new Map(rows.map(row => [runKey(row), row]));
    this._anchor = anchor;
    this._changed.emit();
  }

  /** Select everything that matches a filter, whether it has been read or not. */
  setMatching(matching: IMatching): void {
    this._rows.clear();
    this._anchor = -1;
    this._matching = matching;
    this._changed.emit();
  }

  /** Select a run or take it out. */
  toggle(row: IRunRow, index: number): void {
    const all = this._matching;
    if (all) {
      const except = all.except.filter(uid => uid !== row.uid);
      this._matching = {
        ...all,
        except:
          except.length < all.except.length ? except : [...except, row.uid]
      };
    } else if (!this._rows.delete(runKey(row))) {
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
    if (this.size || this._matching) {
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
  private _matching: IMatching | null = null;
  private _anchor = -1;
  private _changed = new Signal<this, void>(this);
}
