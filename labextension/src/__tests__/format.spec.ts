import { nullTranslator } from '@jupyterlab/translation';
import {
  formatAgo,
  formatDay,
  formatDelta,
  formatDuration,
  formatElapsed,
  formatParameter,
  formatResult,
  formatSize,
  parseTime,
  shortenMiddle
} from '../format';

const trans = nullTranslator.load('jupyter_mlrun');
const NOW = new Date(2026, 10, 21, 12, 0, 0).getTime();
const MINUTE = 60000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('durations', () => {
  it.each([
    [0.004, '4 ms'],
    [0.38, '0.38 s'],
    [3.94, '3.9 s'],
    [59.96, '1:00'],
    [161, '2:41'],
    [11292, '3:08:12'],
    [187200, '2 d 4 h']
  ])('%s s is %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });

  it('count from 0:00', () => {
    expect(formatElapsed(0)).toBe('0:00');
    expect(formatElapsed(42.2)).toBe('0:42');
    expect(formatElapsed(-3)).toBe('0:00');
  });
});

describe('times', () => {
  it.each([
    [4000, '4 s'],
    [18 * MINUTE, '18 min'],
    [HOUR, '1 h'],
    [40 * DAY, '12 Oct'],
    [400 * DAY, '17 Oct 2025'],
    [-5000, '0 s']
  ])('%s ms ago is %s', (age, text) => {
    expect(formatAgo(NOW - age, NOW)).toBe(text);
  });

  it('name the day', () => {
    expect(formatDay(NOW, NOW, trans)).toBe('Today');
    expect(formatDay(NOW - DAY, NOW, trans)).toBe('Yesterday');
    expect(formatDay(NOW - 2 * DAY, NOW, trans)).toBe('Thursday');
    expect(formatDay(NOW - 30 * DAY, NOW, trans)).toBe('22 Oct');
  });

  it('without a zone are UTC', () => {
    expect(parseTime('2026-11-21 10:00:00.5')).toBe(
      Date.UTC(2026, 10, 21, 10, 0, 0, 500)
    );
    expect(parseTime('2026-11-21T12:00:00+02:00')).toBe(
      Date.UTC(2026, 10, 21, 10)
    );
    expect(parseTime('soon')).toBeNull();
    expect(parseTime(null)).toBeNull();
  });
});

describe('values', () => {
  it.each([
    [0.9651234, '0.9651'],
    [12.345, '12.35'],
    [1284, '1,284'],
    [1234.5, '1,235'],
    [0.000012, '1.2e-5'],
    [0, '0'],
    [-0.25, '-0.2500'],
    ['nan', 'nan'],
    [true, 'true'],
    [null, 'null'],
    [undefined, '']
  ])('result %s is %s', (value, text) => {
    expect(formatResult(value)).toBe(text);
  });

  it('have a sign in a difference', () => {
    expect(formatDelta(0.965, 0.9441)).toBe('+0.0209');
    expect(formatDelta(0.0781, 0.1157)).toBe('−0.0376');
    expect(formatDelta(3, 5)).toBe('−2');
    expect(formatDelta(5, 5)).toBe('0');
  });

  it('of parameters stay as they were given', () => {
    expect(formatParameter(0.1)).toBe('0.1');
    expect(formatParameter('200')).toBe('200');
    expect(formatParameter([1, 'a'])).toBe('[1,"a"]');
  });

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1234, '1.2 kB'],
    [31000, '31 kB'],
    [999600, '1.0 MB'],
    [2.1e9, '2.1 GB']
  ])('%s bytes are %s', (bytes, text) => {
    expect(formatSize(bytes)).toBe(text);
  });

  it('lose their middle, never the last part', () => {
    const path = '/home/ana/projects/breast-cancer/notebooks/train.ipynb';
    const short = shortenMiddle(path, 30);
    expect(short).toHaveLength(30);
    expect(short.endsWith('/train.ipynb')).toBe(true);
    expect(shortenMiddle('short')).toBe('short');
  });
});
