import { parseTime } from '../format';
import type { IRunRow } from '../api/documents';

/** What runs can be grouped by. */
export type GroupBy =
  'none' | 'day' | 'function' | 'notebook' | 'schedule' | 'state';

/** All of them, in the order of menus. */
export const GROUPINGS: readonly GroupBy[] = [
  'none',
  'day',
  'function',
  'notebook',
  'schedule',
  'state'
];

/** A group of a list: its name as the service says it, where it begins, how many it holds. */
export interface IRunGroup {
  name: string;
  start: number;
  count: number;
}

/** The local date on which a run started, as groups of days are named. */
export function dayOf(row: IRunRow): string {
  const date = new Date(parseTime(row.start_time) ?? Date.now());
  const two = (value: number) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** The groups of a long list: known from the first page on, so that no heading comes later. */
export class RunGroups {
  /** Begin anew with the groups of an answer. */
  reset(groups: readonly [string, number][]): void {
    this._sizes = groups.map(([name, count]) => [name, count]);
    this._place();
  }

  /** The group that begins with a row, or undefined. */
  at(index: number): IRunGroup | undefined {
    return this._starts.get(index);
  }

  /** Whether there is any. */
  get size(): number {
    return this._sizes.length;
  }

  /** A number that changes when a heading appears, goes or moves. */
  get layout(): number {
    return this._layout;
  }

  /** A run was put in by its start: its day has one more. */
  addDay(row: IRunRow): void {
    const day = dayOf(row);
    const group = this._sizes.find(([name]) => name === day);
    if (group) {
      group[1] += 1;
    } else {
      this._sizes.push([day, 1]);
      this._sizes.sort(([a], [b]) => (a < b ? 1 : -1));
    }
    this._place();
  }

  /** The row at an index was taken out. */
  removeAt(index: number): void {
    const group = [...this._starts.values()].find(
      ({ start, count }) => index >= start && index < start + count
    );
    if (group) {
      this._sizes = this._sizes.flatMap(([name, count]) => {
        const left = name === group.name ? count - 1 : count;
        return left > 0 ? [[name, left] as [string, number]] : [];
      });
      this._place();
    }
  }

  private _place(): void {
    this._starts.clear();
    let start = 0;
    for (const [name, count] of this._sizes) {
      this._starts.set(start, { name, start, count });
      start += count;
    }
    this._layout += 1;
  }

  private _sizes: [string, number][] = [];
  private _starts = new Map<number, IRunGroup>();
  private _layout = 0;
}
