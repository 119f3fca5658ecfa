import type { TranslationBundle } from '@jupyterlab/translation';
import type { Json } from './api/documents';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** A duration that has ended: `3.9 s`, `2:41`, `3:08:12`, `2 d 4 h`. */
export function formatDuration(seconds: number): string {
  if (seconds < 0.01) {
    return `${Math.round(Math.max(seconds, 0) * 1000)} ms`;
  }
  if (seconds < 59.95) {
    return `${seconds.toFixed(seconds < 1 ? 2 : 1)} s`;
  }
  return formatElapsed(seconds);
}

/** A duration that goes on, from `0:00`. */
export function formatElapsed(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const hours = Math.floor(whole / 3600);
  if (hours >= 24) {
    return `${Math.floor(hours / 24)} d ${hours % 24} h`;
  }
  const minutes = Math.floor((whole % 3600) / 60);
  return hours
    ? `${hours}:${two(minutes)}:${two(whole % 60)}`
    : `${minutes}:${two(whole % 60)}`;
}

/** The milliseconds since 1970 of a document's time; a time without zone is UTC. */
export function parseTime(text: string | null | undefined): number | null {
  if (!text) {
    return null;
  }
  const iso = text.replace(' ', 'T');
  const zoned = /(?:Z|[+-]\d\d:?\d\d)$/.test(iso) ? iso : `${iso}Z`;
  const time = Date.parse(zoned);
  return Number.isNaN(time) ? null : time;
}

function startOfDay(time: number): number {
  return new Date(time).setHours(0, 0, 0, 0);
}

function inFormat(time: number, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(undefined, options).format(time);
}

function dayMonth(time: number, now: number): string {
  const date = new Date(time);
  const text = `${date.getDate()} ${inFormat(time, { month: 'short' })}`;
  return date.getFullYear() === new Date(now).getFullYear()
    ? text
    : `${text} ${date.getFullYear()}`;
}

/** How long ago, for lists: `4 s`, `18 min`, `1 h`, `Fri`, `12 Nov`. */
export function formatAgo(time: number, now: number): string {
  const age = now - time;
  if (age < MINUTE) {
    return `${Math.max(0, Math.round(age / SECOND))} s`;
  }
  if (age < HOUR) {
    return `${Math.floor(age / MINUTE)} min`;
  }
  if (time >= startOfDay(now)) {
    return `${Math.floor(age / HOUR)} h`;
  }
  return age < 7 * DAY
    ? inFormat(time, { weekday: 'short' })
    : dayMonth(time, now);
}

/** How long ago, in a sentence: `18 min ago`, `Fri 17:20`, `12 Nov 17:20`. */
export function formatSince(
  time: number,
  now: number,
  trans: TranslationBundle
): string {
  return time >= startOfDay(now)
    ? trans.__('%1 ago', formatAgo(time, now))
    : formatMoment(time, now);
}

const RELATIVE: [Intl.RelativeTimeFormatUnit, number][] = [
  ['hour', HOUR],
  ['minute', MINUTE],
  ['second', SECOND]
];

/** A point in time as it is said aloud: `18 minutes ago`, `Friday 17:20`, `12 November 17:20`. */
export function formatSpoken(time: number, now: number): string {
  const age = Math.max(0, now - time);
  if (time >= startOfDay(now)) {
    const [unit, size] =
      RELATIVE.find(([, size]) => age >= size) ?? RELATIVE[2];
    return new Intl.RelativeTimeFormat(undefined, { numeric: 'always' }).format(
      -Math.floor(age / size),
      unit
    );
  }
  const sameYear = new Date(time).getFullYear() === new Date(now).getFullYear();
  const day =
    age < 7 * DAY
      ? inFormat(time, { weekday: 'long' })
      : inFormat(time, {
          day: 'numeric',
          month: 'long',
          year: sameYear ? undefined : 'numeric'
        });
  return `${day} ${clockTime(time, false)}`;
}

function clockTime(time: number, seconds: boolean): string {
  const date = new Date(time);
  const text = `${two(date.getHours())}:${two(date.getMinutes())}`;
  return seconds ? `${text}:${two(date.getSeconds())}` : text;
}

/** A point in time, for tables: `10:41:58`, `Fri 17:20`, `12 Nov 17:20`. */
export function formatMoment(time: number, now: number): string {
  if (time >= startOfDay(now)) {
    return clockTime(time, true);
  }
  const day =
    now - time < 7 * DAY
      ? inFormat(time, { weekday: 'short' })
      : dayMonth(time, now);
  return `${day} ${clockTime(time, false)}`;
}

/** The whole truth of a time, for tooltips: local with zone, then UTC. */
export function formatFull(time: number): string {
  const local = inFormat(time, { dateStyle: 'medium', timeStyle: 'long' });
  return `${local} · ${new Date(time).toISOString().replace('T', ' ').slice(0, 19)} UTC`;
}

/** The name of the day that a time lies in: Today, Yesterday, a weekday or a date. */
export function formatDay(
  time: number,
  now: number,
  trans: TranslationBundle
): string {
  const days = Math.round((startOfDay(now) - startOfDay(time)) / DAY);
  if (days <= 0) {
    return trans.__('Today');
  }
  if (days === 1) {
    return trans.__('Yesterday');
  }
  return days < 7 ? inFormat(time, { weekday: 'long' }) : dayMonth(time, now);
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** A number of bytes: `1.2 MB`. */
export function formatSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit > 0 && value < 9.95 ? 1 : 0;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** A count with the separators of the user's language: `1,284`. */
export function formatCount(count: number): string {
  return new Intl.NumberFormat().format(count);
}

/** How many decimals a number gets by its size: 4 below 1, 2 up to 100, 0 above. */
export function decimalsOf(value: number): number {
  const size = Math.abs(value);
  return size < 1 ? 4 : size <= 100 ? 2 : 0;
}

/** A result: numbers by their size, or with the decimals of their column. */
export function formatResult(
  value: Json | undefined,
  decimals?: number
): string {
  if (value === undefined) {
    return '';
  }
  if (typeof value !== 'number') {
    return formatParameter(value);
  }
  const size = Math.abs(value);
  if (size > 0 && (size < 0.0005 || size >= 1e15)) {
    return value.toExponential(1).replace('e+', 'e');
  }
  if (Number.isInteger(value) && !decimals) {
    return formatCount(value);
  }
  const digits = decimals ?? decimalsOf(value);
  return new Intl.NumberFormat(undefined, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits
  }).format(value);
}

/** The signed difference of two results: `+0.0209`, `−0.0376`, `0`. */
export function formatDelta(value: number, base: number): string {
  const delta = value - base;
  if (delta === 0) {
    return '0';
  }
  const decimals = Math.max(decimalsOf(delta), decimalsOf(value));
  const whole = Number.isInteger(value) && Number.isInteger(base);
  return `${delta > 0 ? '+' : '−'}${formatResult(Math.abs(delta), whole ? 0 : decimals)}`;
}

/** A parameter as it was given, never reformatted. */
export function formatParameter(value: Json | undefined): string {
  if (value === undefined) {
    return '';
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The first seven characters of a run's id. */
export function shortId(uid: string): string {
  return uid.slice(0, 7);
}

/** A path or URI with its middle left out when it is too long; the last part stays. */
export function shortenMiddle(text: string, length = 48): string {
  if (text.length <= length) {
    return text;
  }
  const last = text.slice(text.lastIndexOf('/'));
  const keep = Math.max(0, length - 1 - Math.min(last.length, length - 2));
  return `${text.slice(0, keep)}…${text.slice(-(length - 1 - keep))}`;
}

/** A URI as lists show it: the key of a stored artifact, else the address without its middle. */
export function formatUri(uri: string, length = 48): string {
  const stored = /^store:\/\/[^/]+\/[^/]+\/([^#:@]+)/.exec(uri);
  return stored ? stored[1] : shortenMiddle(uri, length);
}
