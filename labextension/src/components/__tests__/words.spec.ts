import { nullTranslator } from '@jupyterlab/translation';
import { makeRow } from '../../models/__tests__/rows';
import { letterOf } from '../letter';
import {
  describeRun,
  durationOf,
  gapOf,
  primaryResult,
  qualifierOf,
  timeOf
} from '../runWords';
import { sparkPoints } from '../sparkline';
import { shapeOf, stateWord } from '../stateIcon';

const trans = nullTranslator.load('jupyter_mlrun');
const NOW = Date.parse('2026-11-21T10:18:04Z');

describe('states', () => {
  it('have a shape and a word each', () => {
    expect(shapeOf('completed')).toBe('completed');
    expect(stateWord('pendingRetry', trans)).toBe('retrying');
  });

  it('that are not known keep their own word', () => {
    expect(shapeOf('Evicted')).toBe('unknown');
    expect(stateWord('Evicted', trans)).toBe('unknown: Evicted');
  });
});

describe('the words of a run', () => {
  it('say once that the log of a run is not whole', () => {
    const reason = '12 bytes of the log are missing: No space left on device';
    expect(gapOf(makeRow({ reason }))).toBe(reason);
    expect(gapOf(makeRow({ reason: 'exit code 0' }))).toBeNull();
    expect(gapOf(makeRow({ state: 'error', reason }))).toBeNull();
    const live = { state: 'running', status_text: reason };
    expect(gapOf(makeRow(live))).toBe(reason);
    expect(gapOf(makeRow({ ...live, status_text: 'step 2' }))).toBeNull();
  });

  it.each([
    [{ state: 'error', error: 'ValueError: no\nmore' }, 'ValueError'],
    [
      { state: 'error', error: "invalid literal for int() with base 10: 'x'" },
      "invalid literal for int() with base 10: 'x'"
    ],
    [
      { state: 'pending', reason: 'waiting for 2 cores' },
      'waiting for 2 cores'
    ],
    [{ state: 'running', iterations: 16, done_iterations: 12 }, '12/16'],
    [
      { state: 'running', progress: { value: 3, total: 8, text: null } },
      '3 of 8'
    ],
    [
      { state: 'running', progress: { value: 3, total: 8, text: 'fold 3' } },
      'fold 3'
    ],
    [{ state: 'completed', iterations: 12 }, '12'],
    [{ state: 'completed' }, '']
  ])('%j: %s', (change, expected) => {
    expect(qualifierOf(makeRow(change), false, trans)).toBe(expected);
  });

  it('say what was known when the line is lost', () => {
    expect(qualifierOf(makeRow({ state: 'running' }), true, trans)).toBe(
      'was running'
    );
    expect(qualifierOf(makeRow(), true, trans)).toBe('');
  });

  it('count while it goes on', () => {
    const row = makeRow({ state: 'running', end_time: null, duration: null });
    expect(durationOf(row, NOW)).toBe('18:04');
    expect(timeOf(row, NOW)).toBe('18:04');
    expect(timeOf(makeRow(), NOW)).toBe('18 min');
    expect(durationOf(makeRow(), NOW)).toBe('4.0 s');
  });

  it('make a sentence', () => {
    const row = makeRow({ results: { accuracy: 0.965, loss: 1 } });
    expect(primaryResult(row)).toEqual(['accuracy', '0.9650']);
    expect(describeRun(row, NOW, false, trans)).toBe(
      'train, completed, accuracy 0.9650, 18 minutes ago'
    );
  });
});

describe('letters', () => {
  it.each([
    [0, 'A'],
    [25, 'Z'],
    [26, 'AA'],
    [27, 'AB']
  ])('%s is %s', (index, letter) => {
    expect(letterOf(index)).toBe(letter);
  });
});

describe('small lines', () => {
  it('fill their box and leave gaps out', () => {
    expect(sparkPoints([0, NaN, 1], 46, 14)).toBe('2.0,12.0 44.0,2.0');
    expect(sparkPoints([1], 46, 14)).toBe('');
  });
});
