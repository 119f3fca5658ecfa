import type { TranslationBundle } from '@jupyterlab/translation';
import type { ISchedule } from '../../api/schedules';
import { formatDay, formatMoment, parseTime } from '../../format';
import { cronSentence, cronText } from '../../models/cron';

/** The state of a schedule in the words of the state language. */
export function scheduleState(schedule: ISchedule): string {
  return schedule.state === 'active'
    ? 'scheduled'
    : schedule.state === 'paused'
      ? 'skipped'
      : 'completed';
}

/** The word for a schedule's state. */
export function scheduleWord(
  schedule: ISchedule,
  trans: TranslationBundle
): string {
  switch (schedule.state) {
    case 'active':
      return trans.__('active');
    case 'paused':
      return trans.__('paused');
    default:
      return trans.__('over');
  }
}

/** When a schedule runs, in a sentence where there is one. */
export function whenOf(schedule: ISchedule, trans: TranslationBundle): string {
  const text = cronText(schedule.cron_trigger);
  return cronSentence(text, trans) ?? text;
}

/** What stands behind the name: why it does not run, else when it does. */
export function qualifierOf(
  schedule: ISchedule,
  trans: TranslationBundle
): string {
  if (schedule.state === 'paused') {
    return trans.__('paused');
  }
  return schedule.status.error
    ? schedule.status.error.split('\n')[0]
    : whenOf(schedule, trans);
}

/** The next time, short: `18:00`, `Mon 02:00`, `12 Nov 02:00`. */
export function nextOf(
  schedule: ISchedule,
  now: number,
  trans: TranslationBundle
): string {
  const next = parseTime(schedule.next_run_time);
  if (schedule.state !== 'active' || next === null) {
    return '';
  }
  const tomorrow = new Date(now).setHours(24, 0, 0, 0);
  const clock = formatMoment(next, next).slice(0, 5);
  if (next < tomorrow) {
    return clock;
  }
  const day =
    next < tomorrow + 6 * 86400000
      ? new Intl.DateTimeFormat(undefined, { weekday: 'short' }).format(next)
      : formatDay(next - 0, next + 8 * 86400000, trans);
  return `${day} ${clock}`;
}

/** A schedule in a sentence. */
export function describeSchedule(
  schedule: ISchedule,
  now: number,
  trans: TranslationBundle
): string {
  const next = nextOf(schedule, now, trans);
  return [
    schedule.name,
    scheduleWord(schedule, trans),
    whenOf(schedule, trans),
    next ? trans.__('next %1', next) : ''
  ]
    .filter(Boolean)
    .join(', ');
}
