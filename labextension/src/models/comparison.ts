import type { IRun, Json, JsonMap, Series } from '../api/documents';
import { parseTime } from '../format';
import { csvText } from './csv';

/** A line of a comparison: one name, a value for each run. */
export interface ICompareRow {
  name: string;
  values: readonly (Json | undefined)[];
  /** Whether any two runs differ. */
  differs: boolean;
  /** Whether every value is a number, so that differences make sense. */
  numeric: boolean;
}

/** A part of a comparison with its lines. */
export interface ICompareGroup {
  id: 'parameters' | 'inputs' | 'results' | 'origin' | 'packages';
  rows: readonly ICompareRow[];
}

/** Which direction of a result is better, where it is known. */
export type Direction = 'max' | 'min';

function compareRow(
  name: string,
  values: readonly (Json | undefined)[]
): ICompareRow {
  const texts = values.map(value => JSON.stringify(value));
  return {
    name,
    values,
    differs: texts.some(text => text !== texts[0]),
    numeric: values.every(value => typeof value === 'number')
  };
}

function group(
  id: ICompareGroup['id'],
  maps: readonly (Readonly<JsonMap> | undefined)[]
): ICompareGroup {
  const names = new Set(maps.flatMap(map => Object.keys(map ?? {})));
  return {
    id,
    rows: [...names].map(name =>
      compareRow(
        name,
        maps.map(map => map?.[name])
      )
    )
  };
}

/** The seconds that a run took, or undefined while it goes on. */
export function runSeconds(run: IRun): number | undefined {
  const start = parseTime(run.status.start_time);
  const end = parseTime(run.status.end_time);
  return start === null || end === null ? undefined : (end - start) / 1000;
}

function text(value: string | null | undefined): Json | undefined {
  return value ?? undefined;
}

function originOf(run: IRun): JsonMap {
  const { origin = {}, function: uri } = run.spec;
  const entries: [string, Json | undefined][] = [
    ['code', text(uri?.split('@')[1]?.slice(0, 7))],
    ['function', text(uri?.split('@')[0])],
    ['notebook', text(origin.notebook)],
    ['kind', text(run.metadata.labels?.kind)],
    ['owner', text(run.metadata.labels?.owner)],
    ['python', text(origin.python)]
  ];
  return Object.fromEntries(
    entries.filter((entry): entry is [string, Json] => entry[1] !== undefined)
  );
}

function resultsOf(run: IRun): JsonMap {
  const seconds = runSeconds(run);
  return {
    ...run.status.results,
    ...(seconds === undefined ? {} : { duration: seconds })
  };
}

/** What is in a number of runs, name by name. */
export function compareAll(runs: readonly IRun[]): ICompareGroup[] {
  const groups = [
    group(
      'parameters',
      runs.map(run => run.spec.parameters)
    ),
    group(
      'inputs',
      runs.map(run => run.spec.inputs)
    ),
    group('results', runs.map(resultsOf)),
    group('origin', runs.map(originOf)),
    group(
      'packages',
      runs.map(run => run.spec.origin?.packages)
    )
  ];
  return groups.filter(({ rows }) => rows.length > 0);
}

/** The directions that the runs' selectors name: `max.accuracy`. */
export function knownDirections(
  runs: readonly IRun[]
): ReadonlyMap<string, Direction> {
  const known = new Map<string, Direction>();
  for (const run of runs) {
    const selector = run.spec.hyper_param_options?.selector;
    const match = /^(max|min)\.(.+)$/.exec(
      typeof selector === 'string' ? selector : ''
    );
    if (match) {
      known.set(match[2], match[1] as Direction);
    }
  }
  return known;
}

/** The indices of the runs with the best value of a line. */
export function bestOf(
  row: ICompareRow,
  direction: Direction | undefined
): ReadonlySet<number> {
  const numbers = row.values.filter(value => typeof value === 'number');
  if (!direction || numbers.length < 2) {
    return new Set();
  }
  const best =
    direction === 'max' ? Math.max(...numbers) : Math.min(...numbers);
  return new Set(
    row.values.flatMap((value, index) => (value === best ? [index] : []))
  );
}

/** The names of the series that the runs have, those of most runs first. */
export function seriesNames(runs: readonly IRun[]): string[] {
  const counts = new Map<string, number>();
  for (const run of runs) {
    for (const name of Object.keys(run.status.series ?? {})) {
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  return [...counts].sort((a, b) => b[1] - a[1]).map(([name]) => name);
}

/** A line of a chart: its points, with the index of the run they are of. */
export interface ILine {
  run: number;
  points: [number, number][];
}

/** The lines of one series of a number of runs. */
export function seriesLines(runs: readonly IRun[], name: string): ILine[] {
  return runs
    .map((run, index) => ({
      run: index,
      points: finitePoints(run.status.series?.[name] ?? [])
    }))
    .filter(line => line.points.length > 0);
}

function finitePoints(series: Series): [number, number][] {
  return series
    .map(([step, value]): [number, number] => [step, Number(value)])
    .filter(([, value]) => Number.isFinite(value));
}

/** Round numbers between two others, for an axis. */
export function ticksOf(low: number, high: number, count = 5): number[] {
  const span = high - low;
  if (!(span > 0)) {
    return [low];
  }
  const raw = span / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5, 10].find(by => by * power >= raw) ?? 10);
  const ticks: number[] = [];
  for (let at = Math.ceil(low / step); at * step <= high + span * 1e-9; at++) {
    ticks.push(Number((at * step).toPrecision(12)));
  }
  return ticks;
}

function cellText(value: Json | undefined): string {
  return value === undefined
    ? ''
    : typeof value === 'string'
      ? value
      : JSON.stringify(value);
}

function compareLines(
  runs: readonly IRun[],
  groups: readonly ICompareGroup[],
  onlyDifferences: boolean
): string[][] {
  const heads = runs.map(
    run => `${run.metadata.name} ${(run.metadata.uid ?? '').slice(0, 7)}`
  );
  const lines = groups.flatMap(({ rows }) =>
    rows
      .filter(row => row.differs || !onlyDifferences)
      .map(row => [row.name, ...row.values.map(cellText)])
  );
  return [['', ...heads], ...lines];
}

/** The comparison as a CSV text: one line a name, one column a run. */
export function comparisonCsv(
  runs: readonly IRun[],
  groups: readonly ICompareGroup[],
  onlyDifferences: boolean
): string {
  return csvText(compareLines(runs, groups, onlyDifferences));
}

/** The comparison as a Markdown table: one line a name, one column a run. */
export function comparisonMarkdown(
  runs: readonly IRun[],
  groups: readonly ICompareGroup[],
  onlyDifferences: boolean
): string {
  const [head, ...lines] = compareLines(runs, groups, onlyDifferences).map(
    cells =>
      cells.map(cell => cell.replaceAll('|', '\\|').replaceAll('\n', ' '))
  );
  return [head, head.map(() => '---'), ...lines]
    .map(cells => `| ${cells.join(' | ')} |`)
    .join('\n');
}
