import type { TranslationBundle } from '@jupyterlab/translation';
import type { ICronTrigger } from '../api/schedules';

const FIELDS = ['minute', 'hour', 'day', 'month', 'day_of_week'] as const;
const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** The five fields of a trigger as cron writes them. */
export function cronText(trigger: ICronTrigger): string {
  return FIELDS.map(field => String(trigger[field] ?? '*')).join(' ');
}

/** The line of a trigger with its time zone, as the service reads it. */
export function cronLine(text: string, zone: string): string {
  return zone ? `CRON_TZ=${zone} ${text.trim()}` : text.trim();
}

function clock(hour: string, minute: string): string {
  return `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`;
}

/** The name of a day of the week: as in MLRun, 0 is Monday. */
function dayName(day: string): string | null {
  const place = /^[0-6]$/.test(day) ? Number(day) : DAYS.indexOf(day);
  // 5 January 2026 was a Monday
  return place < 0
    ? null
    : new Intl.DateTimeFormat(undefined, { weekday: 'long' }).format(
        new Date(2026, 0, 5 + place)
      );
}

/** What a trigger means in a sentence, or null where only cron's own words say it. */
export function cronSentence(
  text: string,
  trans: TranslationBundle
): string | null {
  const fields = text.trim().toLowerCase().split(/\s+/);
  if (fields.length !== 5) {
    return null;
  }
  const [minute, hour, day, month, week] = fields;
  const number = /^\d{1,2}$/;
  const always = day === '*' && month === '*' && week === '*';
  const every = /^\*\/(\d+)$/.exec(minute);
  if (always && hour === '*' && minute === '*') {
    return trans.__('every minute');
  }
  if (always && hour === '*' && every) {
    return trans._n('every minute', 'every %1 minutes', Number(every[1]));
  }
  if (always && hour === '*' && number.test(minute)) {
    return trans.__('every hour at minute %1', minute);
  }
  const hours = /^\*\/(\d+)$/.exec(hour);
  if (always && hours && number.test(minute)) {
    return trans._n(
      'every hour at minute %2',
      'every %1 hours at minute %2',
      Number(hours[1]),
      minute
    );
  }
  if (!number.test(minute) || !number.test(hour) || month !== '*') {
    return null;
  }
  const time = clock(hour, minute);
  if (always) {
    return trans.__('every day at %1', time);
  }
  if (day === '*') {
    if (week === 'mon-fri' || week === '0-4') {
      return trans.__('Monday to Friday at %1', time);
    }
    const names = week.split(',').map(dayName);
    return names.includes(null)
      ? null
      : trans.__('every %1 at %2', names.join(', '), time);
  }
  return number.test(day) && week === '*'
    ? trans.__('on day %1 of each month at %2', day, time)
    : null;
}
