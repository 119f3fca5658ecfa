import type { IRunPage, IRunRow } from '../api/documents';
import { parseTime } from '../format';
import { runKey } from './selection';

/** How many runs one request brings. */
export const PAGE = 200;

/** A long list of which only some pages are here: rows by index, found again by run. */
export class RunWindow {
  /** How many rows there are, here or not. */
  get total(): number {
    return this._rows.length;
  }

  /** The row at an index, when it is here. */
  at(index: number): IRunRow | undefined {
    return this._rows[index];
  }

  /** The index of a run, or -1. */
  find(row: { project: string; uid: string }): number {
    if (!this._places) {
      this._places = new Map();
      this._rows.forEach((known, index) => {
        this._places?.set(runKey(known as IRunRow), index);
      });
    }
    return this._places.get(runKey(row)) ?? -1;
  }

  /** Begin anew with one page. */
  reset(page: IRunPage, offset: number): void {
    this._rows = [];
    this.fill(page, offset);
  }

  /** Put a page where it belongs. */
  fill(page: IRunPage, offset: number): void {
    // an offset behind the end brings nothing, and says nothing of what is before it
    this._rows.length =
      page.rows.length > 0
        ? Math.max(page.total, page.rows.length + offset)
        : page.total;
    page.rows.forEach((row, index) => {
      this._rows[offset + index] = row;
    });
    this._forget();
  }

  /** Offsets of the pages of a range that are not here. */
  missing(first: number, last: number): number[] {
    const offsets: number[] = [];
    const begin = Math.max(0, first);
    const end = Math.min(last, this.total - 1);
    for (let page = Math.floor(begin / PAGE); page * PAGE <= end; page += 1) {
      const from = Math.max(begin, page * PAGE);
      const to = Math.min(end, page * PAGE + PAGE - 1);
      for (let index = from; index <= to; index += 1) {
        if (!this._rows[index]) {
          offsets.push(page * PAGE);
          break;
        }
      }
    }
    return offsets;
  }

  /** Put a newer row in the place of the older. */
  replace(index: number, row: IRunRow): void {
    this._rows[index] = row;
    this._loaded = null;
  }

  /** Put a run in its place by start, newest first; false when that place is not here. */
  insert(row: IRunRow): boolean {
    const start = parseTime(row.start_time) ?? Infinity;
    for (let index = 0; index <= this._rows.length; index += 1) {
      const other = this._rows[index];
      if (index < this._rows.length && !other) {
        return false;
      }
      if (!other || (parseTime(other.start_time) ?? Infinity) <= start) {
        this._rows.splice(index, 0, row);
        this._forget();
        return true;
      }
    }
    return false;
  }

  /** Take the row at an index out. */
  remove(index: number): void {
    this._rows.splice(index, 1);
    this._forget();
  }

  /** The rows that are here, in order. */
  loaded(): readonly IRunRow[] {
    this._loaded ??= this._rows.filter(
      (row): row is IRunRow => row !== undefined
    );
    return this._loaded;
  }

  private _forget(): void {
    this._places = null;
    this._loaded = null;
  }

  private _rows: (IRunRow | undefined)[] = [];
  private _places: Map<string, number> | null = null;
  private _loaded: readonly IRunRow[] | null = null;
}
