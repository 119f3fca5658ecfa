import type { IRun, JsonMap } from '../../api/documents';
import {
  bestOf,
  compareAll,
  comparisonMarkdown,
  knownDirections,
  seriesLines,
  seriesNames,
  ticksOf
} from '../comparison';

function makeRun(
  uid: string,
  parameters: JsonMap,
  results: JsonMap,
  more: Partial<IRun['status']> = {}
): IRun {
  return {
    metadata: { name: 'train', project: 'p', uid, labels: { kind: 'local' } },
    spec: {
      parameters,
      function: `p/train@${uid}`,
      hyper_param_options: { selector: 'max.accuracy' },
      origin: { packages: { numpy: '2.0' } }
    },
    status: {
      state: 'completed',
      start_time: '2026-11-21T10:00:00Z',
      end_time: `2026-11-21T10:00:0${results.seconds ?? 1}Z`,
      results,
      ...more
    }
  };
}

const runs = [
  makeRun(
    'aaaaaaaaa',
    { n: 1, seed: 7 },
    { accuracy: 0.9 },
    {
      series: {
        loss: [
          [0, 1],
          [1, 'nan'],
          [2, 0.5]
        ]
      }
    }
  ),
  makeRun('bbbbbbbbb', { n: 2, seed: 7 }, { accuracy: 0.95, extra: 1 })
];

describe('compareAll', () => {
  const groups = compareAll(runs);
  const row = (group: string, name: string) =>
    groups
      .find(({ id }) => id === group)!
      .rows.find(each => each.name === name)!;

  it('tells what differs', () => {
    expect(row('parameters', 'n').differs).toBe(true);
    expect(row('parameters', 'seed').differs).toBe(false);
    expect(row('origin', 'code').values).toEqual(['aaaaaaa', 'bbbbbbb']);
  });

  it('keeps a place for what only one run has', () => {
    expect(row('results', 'extra').values).toEqual([undefined, 1]);
    expect(row('results', 'extra').numeric).toBe(false);
  });

  it('knows durations', () => {
    expect(row('results', 'duration').values).toEqual([1, 1]);
  });

  it('knows the best only where the direction is known', () => {
    const accuracy = row('results', 'accuracy');
    expect([
      ...bestOf(accuracy, knownDirections(runs).get('accuracy'))
    ]).toEqual([1]);
    expect([...bestOf(accuracy, 'min')]).toEqual([0]);
    expect([...bestOf(accuracy, undefined)]).toEqual([]);
  });

  it('becomes a Markdown table', () => {
    const lines = comparisonMarkdown(runs, groups, true).split('\n');
    expect(lines[0]).toBe('|  | train aaaaaaa | train bbbbbbb |');
    expect(lines).toContain('| n | 1 | 2 |');
    expect(lines.some(line => line.startsWith('| seed'))).toBe(false);
    expect(comparisonMarkdown(runs, groups, false)).toContain(
      '| seed | 7 | 7 |'
    );
  });
});

describe('series', () => {
  it('are drawn without what is not a number', () => {
    expect(seriesNames(runs)).toEqual(['loss']);
    expect(seriesLines(runs, 'loss')).toEqual([
      {
        run: 0,
        points: [
          [0, 1],
          [2, 0.5]
        ]
      }
    ]);
  });
});

describe('ticksOf', () => {
  it.each([
    [0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [0, 60, [0, 20, 40, 60]],
    [5, 5, [5]]
  ])('from %s to %s', (low, high, expected) => {
    expect(ticksOf(low, high)).toEqual(expected);
  });
});
