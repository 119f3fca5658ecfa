import type { IRunRow } from '../../api/documents';
import { parseFunctionUri } from '../../api/functions';
import type { ISchedule } from '../../api/schedules';
import { isScheduled, usersOf } from '../../models/functionUsers';

const row = (uid: string, more: Partial<IRunRow>) =>
  ({ uid, labels: {}, notebook: null, owner: 'ann', ...more }) as IRunRow;

describe('who uses a function', () => {
  it('is what began its runs, once each, with the newest run', () => {
    const users = usersOf(
      [
        row('5', { notebook: 'a.ipynb' }),
        row('4', { labels: { 'mlrun/schedule-name': 'nightly' } }),
        row('3', { notebook: 'a.ipynb' }),
        row('2', { labels: { workflow: 'w1' }, notebook: 'a.ipynb' }),
        row('1', {})
      ],
      ['nightly', 'weekly']
    );
    expect(
      users.map(({ kind, name, runs, last }) => [kind, name, runs, last?.uid])
    ).toEqual([
      ['notebook', 'a.ipynb', 2, '5'],
      ['schedule', 'nightly', 1, '4'],
      ['workflow', 'w1', 1, '2'],
      ['person', 'ann', 1, '1'],
      ['schedule', 'weekly', 0, undefined]
    ]);
  });

  it('is told by the versions that schedules name', () => {
    const ref = { project: 'p', name: 'fit' };
    const runs = (text: string, newest: boolean) =>
      isScheduled(
        {
          scheduled_object: { task: { spec: { function: text } } }
        } as unknown as ISchedule,
        ref,
        { hash: 'abc', tags: ['v1'], isNewest: newest }
      );
    expect(runs('p/fit@abc', false)).toBe(true);
    expect(runs('p/fit@other', true)).toBe(false);
    expect([runs('p/fit', true), runs('p/fit:latest', false)]).toEqual([
      true,
      false
    ]);
    expect([runs('p/fit:v1', false), runs('p/fit:v2', true)]).toEqual([
      true,
      false
    ]);
    expect(runs('p/fit:v2@abc', false)).toBe(true);
    expect(runs('p/fit:v1@other', true)).toBe(false);
    expect([runs('fit', true), runs('q/fit', true)]).toEqual([true, false]);
  });
});

it.each([
  ['p/fit', { project: 'p', name: 'fit' }],
  ['p/fit:v1', { project: 'p', name: 'fit', tag: 'v1' }],
  ['p/fit@abc', { project: 'p', name: 'fit', hash: 'abc' }],
  ['p/fit:v1@abc', { project: 'p', name: 'fit', tag: 'v1', hash: 'abc' }],
  ['p/fit@abc:v1', { project: 'p', name: 'fit', tag: 'v1', hash: 'abc' }],
  ['p/fit:v1@abc:v2', null],
  ['fit', null]
])('%s is taken apart', (uri, parts) => {
  expect(parseFunctionUri(uri)).toEqual(parts);
});
