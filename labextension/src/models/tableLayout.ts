import type { IStateDB } from '@jupyterlab/statedb';
import { ISignal, Signal } from '@lumino/signaling';
import type { IColumn } from './columns';

const KEY = 'jupyter-mlrun:table-layout:';
const NARROWEST = 44;

interface ISaved {
  hidden?: string[];
  order?: string[];
  widths?: Record<string, number>;
}

/** How the table of a noun is laid out by the user: kept between sessions. */
export class TableLayout {
  constructor(
    private _noun: string,
    private _state: IStateDB | null
  ) {
    void _state?.fetch(KEY + _noun).then(saved => {
      if (typeof saved === 'object' && saved !== null) {
        this._saved = saved as ISaved;
        this._changed.emit();
      }
    });
  }

  /** Emitted when the layout is another. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Ids of the columns that are not shown. */
  get hidden(): ReadonlySet<string> {
    return new Set(this._saved.hidden ?? []);
  }

  /** The columns that are shown, in their order, as wide as the user made them. */
  apply(columns: readonly IColumn[]): IColumn[] {
    const { hidden } = this;
    const { order = [], widths = {} } = this._saved;
    const shown = columns.filter(column => !hidden.has(column.id));
    const place = (column: IColumn) => order.indexOf(column.id);
    const moved = new Map<string, IColumn[]>();
    for (const column of shown) {
      const group = moved.get(column.group) ?? [];
      moved.set(column.group, [...group, column]);
    }
    // those that were moved change places among themselves: the others stay
    moved.forEach((group, name) => {
      const known = group.filter(column => place(column) >= 0);
      const sorted = [...known].sort((a, b) => place(a) - place(b));
      moved.set(
        name,
        group.map(column => (place(column) < 0 ? column : sorted.shift()!))
      );
    });
    return shown.map(column => {
      const next = moved.get(column.group)?.shift() ?? column;
      return { ...next, width: widths[next.id] ?? next.width };
    });
  }

  /** Show a column or hide it. */
  toggle(id: string): void {
    const { hidden } = this;
    const next = hidden.has(id)
      ? [...hidden].filter(other => other !== id)
      : [...hidden, id];
    this._keep({ hidden: next });
  }

  /** Make a column so many pixels wide; null: as wide as it was made. */
  resize(id: string, width: number | null): void {
    const widths = { ...this._saved.widths };
    if (width === null) {
      delete widths[id];
    } else {
      widths[id] = Math.max(NARROWEST, Math.round(width));
    }
    this._keep({ widths });
  }

  /** Put a column into the place of another of the same part of the table. */
  move(id: string, to: string, shown: readonly IColumn[]): void {
    const from = shown.find(column => column.id === id);
    const group = shown.filter(column => column.group === from?.group);
    const ids = group.map(column => column.id);
    const target = ids.indexOf(to);
    if (target >= 0 && id !== to) {
      ids.splice(ids.indexOf(id), 1);
      ids.splice(target, 0, id);
      const others = (this._saved.order ?? []).filter(
        other => !ids.includes(other)
      );
      this._keep({ order: [...others, ...ids] });
    }
  }

  private _keep(change: ISaved): void {
    this._saved = { ...this._saved, ...change };
    void this._state?.save(KEY + this._noun, { ...this._saved });
    this._changed.emit();
  }

  private _saved: ISaved = {};
  private _changed = new Signal<this, void>(this);
}
