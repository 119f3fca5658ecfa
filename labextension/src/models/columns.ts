import { IRunRow, Json } from '../api/documents';
import { decimalsOf } from '../format';

/** Where a column's values come from. */
export type ColumnGroup = 'run' | 'parameters' | 'results' | 'more';

/** A column of the table of runs. */
export interface IColumn {
  /** Its name in settings: `name`, `results.accuracy`. */
  id: string;
  group: ColumnGroup;
  /** The name of the parameter or result; else the id. */
  name: string;
  width: number;
  /** What the service sorts by, when it can. */
  sort: string | null;
  numeric: boolean;
  /** Decimals of every number of the column. */
  decimals?: number;
  /** The least and the greatest number, for the bar under a result. */
  range?: [number, number];
}

const VALUE_WIDTH = 92;
const CHAR_WIDTH = 7.5;

function fixed(
  id: string,
  width: number,
  more: Partial<IColumn> = {}
): IColumn {
  return {
    id,
    group: 'run',
    name: id,
    width,
    sort: id,
    numeric: false,
    ...more
  };
}

/** The columns that every table of runs has before the values. */
export const RUN_COLUMNS: readonly IColumn[] = [
  fixed('state', 112),
  fixed('name', 210),
  fixed('uid', 76, { sort: null }),
  fixed('start_time', 108, { numeric: true }),
  fixed('duration', 86, { numeric: true }),
  fixed('kind', 82)
];

const OWNER = fixed('owner', 90, { group: 'more' });
const LABELS = fixed('labels', 180, { group: 'more', sort: null });
const PROJECT = fixed('project', 120);

/** What is known of the values of one name over all rows. */
interface ISeen {
  first: string;
  varies: boolean;
  numeric: boolean;
  decimals: number;
  whole: boolean;
  low: number;
  high: number;
}

function look(seen: ISeen | undefined, value: Json): ISeen {
  const text = JSON.stringify(value);
  const known = seen ?? {
    first: text,
    varies: false,
    numeric: true,
    decimals: 0,
    whole: true,
    low: Infinity,
    high: -Infinity
  };
  known.varies ||= text !== known.first;
  if (typeof value === 'number') {
    known.whole &&= Number.isInteger(value);
    known.decimals = Math.max(known.decimals, decimalsOf(value));
    known.low = Math.min(known.low, value);
    known.high = Math.max(known.high, value);
  } else {
    known.numeric &&= value === null;
  }
  return known;
}

function valueColumns(
  rows: readonly IRunRow[],
  group: 'parameters' | 'results'
): IColumn[] {
  const all = new Map<string, ISeen>();
  const counts = new Map<string, number>();
  for (const row of rows) {
    for (const [name, value] of Object.entries(row[group])) {
      all.set(name, look(all.get(name), value));
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  // a name that only some runs have tells them apart too
  const varies = (name: string, seen: ISeen) =>
    seen.varies || (counts.get(name) ?? 0) < rows.length;
  return [...all]
    .sort(([a, x], [b, y]) => Number(varies(b, y)) - Number(varies(a, x)))
    .map(([name, seen]) => ({
      id: `${group}.${name}`,
      group,
      name,
      width: Math.max(
        VALUE_WIDTH,
        Math.min(180, name.length * CHAR_WIDTH + 24)
      ),
      sort: `${group}.${name}`,
      numeric: seen.numeric,
      decimals: group === 'results' && !seen.whole ? seen.decimals : undefined,
      range:
        group === 'results' && seen.numeric && seen.high > seen.low
          ? [seen.low, seen.high]
          : undefined
    }));
}

/** The columns of a table: values that vary come first. */
export function tableColumns(
  rows: readonly IRunRow[],
  allProjects: boolean
): IColumn[] {
  return [
    ...RUN_COLUMNS.slice(0, 2),
    ...(allProjects ? [PROJECT] : []),
    ...RUN_COLUMNS.slice(2),
    ...valueColumns(rows, 'parameters'),
    ...valueColumns(rows, 'results'),
    OWNER,
    LABELS
  ];
}

/** How far a number lies between the least and the greatest of its column, 0 to 1. */
export function placeInRange(value: Json | undefined, column: IColumn): number {
  if (typeof value !== 'number' || !column.range) {
    return 0;
  }
  const [low, high] = column.range;
  return (value - low) / (high - low);
}

const SEVERAL = /,(?=-?(?:[a-z_]+(?:,|$)|(?:results|parameters)\.))/;
const MOST_KEYS = 5;

/** The keys of an order: `-results.accuracy,name` has two. */
export function sortKeys(sort: string): string[] {
  return sort.split(SEVERAL);
}

/** How a column takes part in an order: its place and direction, or null. */
export function sortOf(
  sort: string,
  column: IColumn
): { place: number; of: number; descending: boolean } | null {
  const keys = sortKeys(sort);
  const place = keys.findIndex(key => key.replace(/^-/, '') === column.sort);
  return place < 0
    ? null
    : { place, of: keys.length, descending: keys[place].startsWith('-') };
}

/**
 * The order after a click on a column: numbers begin with the greatest, a second click turns
 * round. With `add` the column comes after those that order already, and leaves at its third.
 */
export function nextSort(
  current: string,
  column: IColumn,
  add = false
): string {
  if (column.sort === null) {
    return current;
  }
  const down = `-${column.sort}`;
  const [first, second] = column.numeric
    ? [down, column.sort]
    : [column.sort, down];
  const keys = sortKeys(current);
  const at = keys.findIndex(key => key === first || key === second);
  if (!add) {
    return current === first ? second : first;
  }
  if (at < 0) {
    return [...keys, first].slice(-MOST_KEYS).join(',');
  }
  const next = keys.flatMap((key, index) =>
    index !== at ? [key] : key === first ? [second] : []
  );
  return next.length ? next.join(',') : first;
}
