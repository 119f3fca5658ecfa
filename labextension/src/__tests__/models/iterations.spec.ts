import type { IRun } from '../../api/documents';
import {
  iterationsOf,
  placesOn,
  resultValues,
  sweptValues
} from '../../models/iterations';
import { drawnAxes, isKept } from '../../components/parallel';

const run: IRun = {
  metadata: { name: 'sweep', project: 'p', uid: 'u' },
  spec: { hyper_param_options: { selector: 'max.accuracy' } },
  status: {
    state: 'completed',
    results: { best_iteration: 2, accuracy: 0.9 },
    iterations: [
      ['state', 'iter', 'param.n', 'param.kind', 'output.accuracy'],
      ['completed', 1, 10, 'a', 0.8],
      ['completed', 2, 20, 'b', 0.9],
      ['error', 3, 40, 'a', null]
    ]
  }
};

const iterations = iterationsOf(run);

it('reads the table of iterations', () => {
  expect(iterations.numbers).toEqual([1, 2, 3]);
  expect(iterations.states).toEqual(['completed', 'completed', 'error']);
  expect(iterations.best).toBe(2);
  expect(iterations.selector).toBe('max.accuracy');
  expect(iterations.axes.map(axis => axis.key)).toEqual([
    'n',
    'kind',
    'accuracy'
  ]);
});

it('knows a run without iterations', () => {
  const none = iterationsOf({ ...run, status: { state: 'completed' } });
  expect(none.numbers).toEqual([]);
  expect(none.best).toBeNull();
});

it('gives values of results and parameters', () => {
  expect(resultValues(iterations, 'accuracy')).toEqual([0.8, 0.9]);
  expect(sweptValues(iterations, 'n')).toEqual([10, 20, 40]);
  expect(sweptValues(iterations, 'missing')).toEqual([]);
});

it('places numbers by size and words by order', () => {
  const [n, kind, accuracy] = iterations.axes.map(placesOn);
  expect(n).toEqual([0, 1 / 3, 1]);
  expect(kind).toEqual([0, 1, 0]);
  expect(accuracy[2]).toBeNull();
});

it('filters by brushes', () => {
  const places = drawnAxes(iterations).map(placesOn);
  const kept = (brushes: Record<number, [number, number]>) =>
    iterations.numbers.filter((_, index) => isKept(places, index, brushes));
  expect(kept({})).toEqual([1, 2, 3]);
  expect(kept({ 0: [0.2, 1] })).toEqual([2, 3]);
  expect(kept({ 0: [0.2, 1], 2: [0.5, 1] })).toEqual([2]);
});
