import type { IRun, Json } from '../api/documents';

/** A parameter or result of the iterations, with its value in each. */
export interface IAxis {
  key: string;
  kind: 'parameter' | 'result';
  values: Json[];
}

/** A run's iterations as its document tells them. */
export interface IIterations {
  /** Numbers of the iterations, from 1. */
  numbers: number[];
  states: string[];
  axes: IAxis[];
  /** The number of the best one, or null. */
  best: number | null;
  /** `max.accuracy` or `min.loss`, or null. */
  selector: string | null;
}

/** The iterations of a run, read from MLRun's table (a header, then a row for each). */
export function iterationsOf(run: IRun): IIterations {
  const [header = [], ...rows] = run.status.iterations ?? [];
  const names = header.map(String);
  const column = (name: string) => names.indexOf(name);
  const state = column('state');
  const iter = column('iter');
  const axes = names.flatMap((name, index): IAxis[] => {
    const values = rows.map(row => row[index] ?? null);
    if (name.startsWith('param.')) {
      return [{ key: name.slice(6), kind: 'parameter', values }];
    }
    return name.startsWith('output.')
      ? [{ key: name.slice(7), kind: 'result', values }]
      : [];
  });
  const best = run.status.results?.best_iteration;
  const selector = run.spec.hyper_param_options?.selector;
  return {
    numbers: rows.map((row, index) => Number(row[iter] ?? index + 1)),
    states: rows.map(row => (state < 0 ? '' : String(row[state]))),
    axes,
    best: typeof best === 'number' && best > 0 ? best : null,
    selector: typeof selector === 'string' ? selector : null
  };
}

/** The values of a result over the iterations, where they are numbers. */
export function resultValues(iterations: IIterations, key: string): number[] {
  const axis = iterations.axes.find(
    item => item.kind === 'result' && item.key === key
  );
  return (axis?.values ?? [])
    .filter(value => value !== null)
    .map(Number)
    .filter(Number.isFinite);
}

/** Different values of a parameter over the iterations, in order; empty when it stays the same. */
export function sweptValues(iterations: IIterations, key: string): Json[] {
  const axis = iterations.axes.find(
    item => item.kind === 'parameter' && item.key === key
  );
  const seen = new Map(
    (axis?.values ?? []).map(value => [JSON.stringify(value), value])
  );
  return seen.size > 1 ? [...seen.values()] : [];
}

/** Where a value lies on an axis: numbers by size, everything else by order; from 0 to 1. */
export function placesOn(axis: IAxis): (number | null)[] {
  const known = axis.values.filter(value => value !== null);
  const numbers = known.map(Number);
  if (known.every(value => typeof value === 'number')) {
    const low = Math.min(...numbers);
    const span = Math.max(...numbers) - low;
    return axis.values.map(value =>
      value === null ? null : span ? (Number(value) - low) / span : 0.5
    );
  }
  const order = [...new Set(axis.values.map(value => JSON.stringify(value)))];
  return axis.values.map(value =>
    order.length > 1
      ? order.indexOf(JSON.stringify(value)) / (order.length - 1)
      : 0.5
  );
}
