import { nextSort, placeInRange, tableColumns } from '../columns';
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
const ids = (hidden: string[] = [], all = false) =>
  tableColumns(rows, new Set(hidden), all).map(column => column.id);

describe('tableColumns', () => {
  it('puts the values that vary first', () => {
    expect(ids().filter(id => id.includes('.'))).toEqual([
      'parameters.n',
      'parameters.seed',
      'results.accuracy',
      'results.count'
    ]);
  });

  it('leaves hidden columns out and adds the project when all are shown', () => {
    expect(ids(['parameters.n', 'kind'])).not.toContain('parameters.n');
    expect(ids(['kind'])).not.toContain('kind');
    expect(ids()).not.toContain('project');
    expect(ids([], true)).toContain('project');
  });

  it('gives a column of results one number of decimals and a range', () => {
    const columns = tableColumns(rows, new Set(), false);
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
  const [state] = tableColumns(rows, new Set(), false);
  const n = tableColumns(rows, new Set(), false).find(
    ({ id }) => id === 'parameters.n'
  )!;

  it('turns round at each click', () => {
    expect(nextSort('-start_time', state)).toBe('state');
    expect(nextSort('state', state)).toBe('-state');
    expect(nextSort('-state', state)).toBe('state');
  });

  it('begins with the greatest number', () => {
    expect(nextSort('name', n)).toBe('-parameters.n');
    expect(nextSort('-parameters.n', n)).toBe('parameters.n');
  });

  it('leaves the order alone where the service cannot sort', () => {
    expect(nextSort('name', { ...state, sort: null })).toBe('name');
  });
});
