import { nullTranslator } from '@jupyterlab/translation';
import {
  filterProblem,
  matchesFilter,
  parseFilter,
  parseSpan
} from '../filter';
import { makeRow } from './rows';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const trans = nullTranslator.load('jupyter_mlrun');
const matches = (text: string, change = {}) =>
  matchesFilter(makeRow(change), parseFilter(text), NOW);

describe('parseFilter', () => {
  it('tells words, keys and comparisons apart', () => {
    expect(
      parseFilter('train state:error results.accuracy>=0.95').terms
    ).toEqual([
      { type: 'word', text: 'train' },
      { type: 'key', key: 'state', value: 'error' },
      {
        type: 'compare',
        group: 'results',
        name: 'accuracy',
        operator: '>=',
        value: '0.95'
      }
    ]);
  });

  it('keeps quoted blanks together', () => {
    expect(parseFilter('label:note="two words" x').terms).toEqual([
      { type: 'key', key: 'label', value: 'note=two words' },
      { type: 'word', text: 'x' }
    ]);
  });

  it.each([
    ['colour:red', 'key'],
    ['since:soon', 'time'],
    ['state:great', 'state'],
    ['results.accuracy>high', 'number'],
    ['state:', 'empty'],
    ['results.accuracy>', 'empty']
  ])('names what is wrong with %s', (text, reason) => {
    const filter = parseFilter(text);
    expect(filter.problem).toEqual({ word: text, reason });
    expect(filterProblem(filter, trans)).toContain(text);
  });

  it('has no problem with an empty filter', () => {
    expect(parseFilter('  ')).toEqual({ terms: [], problem: null });
    expect(filterProblem(parseFilter(''), trans)).toBeNull();
  });
});

describe('parseSpan', () => {
  it.each([
    ['30s', 30],
    ['45m', 2700],
    ['30min', 1800],
    ['12h', 43200],
    ['3d', 259200],
    ['2w', 1209600],
    ['3', null],
    ['d', null]
  ])('%s is %s seconds', (text, seconds) => {
    expect(parseSpan(text)).toBe(seconds);
  });
});

describe('matchesFilter', () => {
  it.each([
    ['', true],
    ['tra', true],
    ['TRAIN', true],
    ['eval', false],
    ['tra ain', true],
    ['state:completed', true],
    ['state:error,completed', true],
    ['state:error', false],
    ['label:team', true],
    ['label:team=onco', true],
    ['label:team=cardio', false],
    ['label:nobody', false],
    ['owner:ana', true],
    ['owner:~an', true],
    ['state:error state:completed', true],
    ['state:done', true],
    ['name:train', true],
    ['name:trai', false],
    ['project:p', true],
    ['until:3h', false],
    ['until:1h', true],
    ['owner:li', false],
    ['kind:local', true],
    ['kind:dask', false],
    ['function:train', true],
    ['since:3h', true],
    ['since:1h', false],
    ['since:2026-11-21', true],
    ['since:2026-11-22', false]
  ])('%s: %s', (text, expected) => {
    expect(matches(text)).toBe(expected);
  });

  it.each([
    ['results.accuracy>0.9', true],
    ['results.accuracy<0.9', false],
    ['results.accuracy>=0.95', true],
    ['results.accuracy!=0.95', false],
    ['results.missing>0', false],
    ['parameters.n=200', true],
    ['parameters.name=adam', true],
    ['parameters.name!=adam', false]
  ])('%s: %s', (text, expected) => {
    const change = {
      results: { accuracy: 0.95 },
      parameters: { n: 200, name: 'adam' }
    };
    expect(matches(text, change)).toBe(expected);
  });

  it('finds runs of a notebook', () => {
    expect(
      matches('notebook:cancer', { notebook: 'a/breast_cancer.ipynb' })
    ).toBe(true);
    expect(matches('notebook:cancer')).toBe(false);
  });
});
