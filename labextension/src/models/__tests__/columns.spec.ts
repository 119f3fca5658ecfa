import {
  nextSort,
  placeInRange,
  sortKeys,
  sortOf,
  tableColumns
} from '../columns';
import { TableLayout } from '../tableLayout';
import { makeRow } from './rows';

const rows = [
  makeRow({
    uid: 'a',
    parameters: { seed: 7, n: 60 },
    results: { accuracy: 0.9441, count: 1 }
  }),
  makeRow({
    uid: 'b',
    parameters: { seed: 7, n: 100 },
    results: { accuracy: 0.965, count: 2 }
  })
];
const ids = (all = false) => tableColumns(rows, all).map(({ id }) => id);

describe('tableColumns', () => {
  it('puts the values that vary first', () => {
    expect(ids().filter(id => id.includes('.'))).toEqual([
      'parameters.n',
      'parameters.seed',
      'results.accuracy',
      'results.count'
    ]);
  });

  it('adds the project when all are shown', () => {
    expect(ids()).not.toContain('project');
    expect(ids(true)).toContain('project');
  });

  it('gives a column of results one number of decimals and a range', () => {
    const columns = tableColumns(rows, false);
    const accuracy = columns.find(({ id }) => id === 'results.accuracy')!;
    expect(accuracy.decimals).toBe(4);
    expect(accuracy.range).toEqual([0.9441, 0.965]);
    expect(placeInRange(0.965, accuracy)).toBe(1);
    expect(placeInRange('x', accuracy)).toBe(0);
    const count = columns.find(({ id }) => id === 'results.count')!;
    expect(count.decimals).toBeUndefined();
  });
});

describe('nextSort', () => {
  const [state] = tableColumns(rows, false);
  const n = tableColumns(rows, false).find(({ id }) => id === 'parameters.n')!;

  it('turns round at each click', () => {
    expect(nextSort('-start_time', state)).toBe('state');
    expect(nextSort('state', state)).toBe('-state');
    expect(nextSort('-state', state)).toBe('state');
  });

  it('begins with the greatest number', () => {
    expect(nextSort('name', n)).toBe('-parameters.n');
    expect(nextSort('-parameters.n', n)).toBe('parameters.n');
  });

  it('adds a key, turns it round, takes it out', () => {
    expect(nextSort('name', n, true)).toBe('name,-parameters.n');
    expect(nextSort('name,-parameters.n', n, true)).toBe('name,parameters.n');
    expect(nextSort('name,parameters.n', n, true)).toBe('name');
    expect(nextSort('parameters.n', n, true)).toBe('-parameters.n');
    expect(sortOf('name,-parameters.n', n)).toEqual({
      place: 1,
      of: 2,
      descending: true
    });
    expect(sortOf('name', n)).toBeNull();
    expect(sortKeys('-results.a,b,name')).toEqual(['-results.a', 'b', 'name']);
  });

  it('leaves the order alone where the service cannot sort', () => {
    expect(nextSort('name', { ...state, sort: null })).toBe('name');
  });
});

describe('TableLayout', () => {
  const columns = tableColumns(rows, false);
  const shown = (layout: TableLayout) =>
    layout.apply(columns).map(({ id }) => id);

  it('hides, resizes and moves within a part of the table', () => {
    const saved: unknown[] = [];
    const layout = new TableLayout('runs', {
      fetch: async () => undefined,
      save: async (_: string, value: unknown) => saved.push(value)
    } as unknown as ConstructorParameters<typeof TableLayout>[1]);
    layout.toggle('kind');
    expect(shown(layout)).not.toContain('kind');
    layout.move('results.count', 'results.accuracy', columns);
    expect(shown(layout).filter(id => id.startsWith('results'))).toEqual([
      'results.count',
      'results.accuracy'
    ]);
    layout.move('results.count', 'name', columns);
    expect(shown(layout).indexOf('name')).toBe(1);
    layout.resize('name', 3);
    expect(layout.apply(columns)[1].width).toBe(44);
    layout.resize('name', null);
    expect(layout.apply(columns)[1].width).toBe(210);
    expect(saved).toHaveLength(4);
  });
});
