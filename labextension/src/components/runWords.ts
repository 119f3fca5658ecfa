import type { TranslationBundle } from '@jupyterlab/translation';
import { IRunRow, isLive } from '../api/documents';
import { stateWord } from './stateIcon';
import {
  formatAgo,
  formatDuration,
  formatElapsed,
  formatParameter,
  formatResult,
  formatSpoken,
  parseTime
} from '../format';

// the service says it in these words
const GAP = 'of the log are missing';

/** The state that a row shows: what is not heard of any more is unknown. */
export function shownState(row: IRunRow, offline: boolean): string {
  return offline && isLive(row.state) ? 'unknown' : row.state;
}

/** That the log is not whole, of a run that goes on or went well, or null: of others the reason is said anyway. */
export function gapOf({ state, reason, status_text }: IRunRow): string | null {
  const told = isLive(state)
    ? status_text
    : state === 'completed'
      ? reason
      : null;
  return told?.includes(GAP) ? told : null;
}

/** What stands behind a run's name: why, for every state that is not plain success. */
export function qualifierOf(
  row: IRunRow,
  offline: boolean,
  trans: TranslationBundle
): string {
  if (offline && isLive(row.state)) {
    return trans.__('was running');
  }
  switch (row.state) {
    case 'error':
      return errorType(row.error ?? row.reason ?? '');
    case 'pending':
    case 'created':
    case 'aborted':
    case 'unknown':
      return row.reason ?? row.status_text ?? '';
    case 'aborting':
      return trans.__('stopping');
    case 'pendingRetry':
      return row.status_text ?? trans.__('retrying');
    default:
      return stepOf(row, trans);
  }
}

function errorType(error: string): string {
  const [line] = error.split('\n');
  const type = line.split(/[:(]/)[0].trim();
  return /^[\w.]+$/.test(type) ? type : line.trim();
}

function stepOf(row: IRunRow, trans: TranslationBundle): string {
  if (row.iterations) {
    return row.state === 'running'
      ? `${row.done_iterations ?? 0}/${row.iterations}`
      : `${row.iterations}`;
  }
  const { progress } = row;
  if (row.state !== 'running' || !progress) {
    return '';
  }
  if (progress.text) {
    return progress.text;
  }
  return progress.value !== null && progress.total !== null
    ? trans.__('%1 of %2', progress.value, progress.total)
    : '';
}

/** The name and value that stand for a run: the first of its declared outputs, else of its results. */
export function primaryResult(row: IRunRow): [string, string] | null {
  const [first] = Object.entries(row.results);
  return first ? [first[0], formatResult(first[1])] : null;
}

/** The seconds that a run has taken, to now when it goes on. */
export function secondsOf(row: IRunRow, now: number): number | null {
  const start = parseTime(row.start_time);
  if (row.duration !== null) {
    return row.duration;
  }
  if (start === null || !isLive(row.state)) {
    return null;
  }
  return ((parseTime(row.end_time) ?? now) - start) / 1000;
}

/** A run's duration as text: counting while it goes on. */
export function durationOf(row: IRunRow, now: number): string {
  const seconds = secondsOf(row, now);
  if (seconds === null) {
    return '';
  }
  return isLive(row.state) ? formatElapsed(seconds) : formatDuration(seconds);
}

/** The time column of a list: elapsed while it runs, else how long ago it ended. */
export function timeOf(row: IRunRow, now: number): string {
  const end = parseTime(row.end_time) ?? parseTime(row.start_time);
  if (isLive(row.state) || end === null) {
    return durationOf(row, now);
  }
  return formatAgo(end, now);
}

/** The parameters by which an iteration differs from the others of its run: `n=100 depth=3`. */
export function variedParameters(
  row: IRunRow,
  siblings: readonly IRunRow[]
): string {
  return Object.entries(row.parameters)
    .filter(([name, value]) => {
      const text = JSON.stringify(value);
      return siblings.some(
        other => JSON.stringify(other.parameters[name]) !== text
      );
    })
    .map(([name, value]) => `${name}=${formatParameter(value)}`)
    .join(' ');
}

/** An iteration in a sentence: "iteration 3, completed, accuracy 0.965, 2.1 s". */
export function describeIteration(
  row: IRunRow,
  trans: TranslationBundle
): string {
  const result = primaryResult(row);
  const parts = [
    trans.__('iteration %1', row.iter),
    stateWord(row.state, trans),
    result ? `${result[0]} ${result[1]}` : '',
    row.duration === null ? '' : formatDuration(row.duration)
  ];
  return parts.filter(Boolean).join(', ');
}

/** A run in a sentence: "train, completed, accuracy 0.965, 18 minutes ago". */
export function describeRun(
  row: IRunRow,
  now: number,
  offline: boolean,
  trans: TranslationBundle
): string {
  const result = primaryResult(row);
  const end = parseTime(row.end_time) ?? parseTime(row.start_time);
  const parts = [
    row.name,
    stateWord(shownState(row, offline), trans),
    qualifierOf(row, offline, trans),
    result ? `${result[0]} ${result[1]}` : '',
    isLive(row.state) || end === null
      ? durationOf(row, now)
      : formatSpoken(end, now)
  ];
  return parts.filter(Boolean).join(', ');
}
