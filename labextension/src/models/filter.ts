import type { TranslationBundle } from '@jupyterlab/translation';
import { IRunRow, isTerminal, Json, LIVE_STATES } from '../api/documents';
import { parseTime } from '../format';

const KEYS = [
  'state',
  'label',
  'owner',
  'kind',
  'function',
  'notebook',
  'project',
  'name',
  'since',
  'until'
] as const;

/** A comparison of a parameter or result. */
export type Operator = '>=' | '<=' | '!=' | '>' | '<' | '=';

/** A key that may stand before a colon. */
export type FilterKey = (typeof KEYS)[number];

/** One condition of a filter; all of them must hold. */
export type Term =
  | { type: 'word'; text: string }
  | { type: 'key'; key: FilterKey; value: string }
  | {
      type: 'compare';
      group: 'parameters' | 'results';
      name: string;
      operator: Operator;
      value: string;
    };

/** What is wrong with a word of a filter. */
export interface IFilterProblem {
  word: string;
  reason: 'key' | 'time' | 'empty' | 'state' | 'number';
}

/** A filter as understood, with the first thing that was not. */
export interface IFilter {
  terms: readonly Term[];
  problem: IFilterProblem | null;
}

/** The words of the grammar, for completion. */
export const FILTER_WORDS: readonly string[] = [
  'state:running',
  'state:error',
  'state:completed',
  'state:aborted',
  'state:pending',
  'label:',
  'owner:',
  'kind:local',
  'kind:handler',
  'function:',
  'notebook:',
  'since:1h',
  'since:3d',
  'results.accuracy>0.9',
  'parameters.n=100'
];

/** The words of a filter, quoted ones whole. */
export function filterWords(text: string): string[] {
  return text.match(/(?:[^\s"]|"[^"]*"?)+/g) ?? [];
}

/** The seconds of a span like `45m`, `12h`, `3d`, `2w`, or null. */
export function parseSpan(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(s|min|m|h|d|w)$/.exec(text);
  const unit = { s: 1, min: 60, m: 60, h: 3600, d: 86400, w: 604800 };
  return match ? Number(match[1]) * unit[match[2] as keyof typeof unit] : null;
}

function isNumber(text: string): boolean {
  return /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(text);
}

const STATE_WORDS: Readonly<Record<string, string>> = {
  failed: 'error',
  success: 'completed',
  succeeded: 'completed',
  done: 'completed'
};

function statesOf(value: string): string[] {
  return value
    .split(',')
    .filter(Boolean)
    .map(word => STATE_WORDS[word] ?? word);
}

function isState(word: string): boolean {
  return isTerminal(word) || LIVE_STATES.includes(word) || word === 'unknown';
}

function parseWord(word: string): Term | IFilterProblem {
  const compare = /^(results|parameters)\.(.+?)(>=|<=|!=|>|<|=)(.*)$/.exec(
    word
  );
  if (compare) {
    const [, group, name, operator, value] = compare;
    if (value === '') {
      return { word, reason: 'empty' };
    }
    const orders = operator !== '=' && operator !== '!=';
    if (orders && !isNumber(value)) {
      return { word, reason: 'number' };
    }
    return {
      type: 'compare',
      group: group as 'parameters' | 'results',
      name,
      operator: operator as Operator,
      value
    };
  }
  const keyed = /^([A-Za-z]+):(.*)$/.exec(word);
  if (!keyed) {
    return { type: 'word', text: word };
  }
  const [, key, value] = keyed;
  if (!KEYS.includes(key as FilterKey)) {
    return { word, reason: 'key' };
  }
  if (value === '') {
    return { word, reason: 'empty' };
  }
  if ((key === 'since' || key === 'until') && momentOf(value, 0) === null) {
    return { word, reason: 'time' };
  }
  const term: Term = { type: 'key', key: key as FilterKey, value };
  return key === 'state' && !statesOf(value).every(isState)
    ? { word, reason: 'state' }
    : term;
}

/** Whether a word is a whole condition, `key:value` or a comparison, and none that is wrong. */
export function isCondition(word: string): boolean {
  const parsed = parseWord(word.replaceAll('"', ''));
  return 'type' in parsed && parsed.type !== 'word';
}

/** The filter that a text means: words match names, the rest as `key:value` or comparison. */
export function parseFilter(text: string): IFilter {
  const terms: Term[] = [];
  let problem: IFilterProblem | null = null;
  for (const raw of filterWords(text)) {
    const parsed = parseWord(raw.replaceAll('"', ''));
    if ('reason' in parsed) {
      problem ??= parsed;
    } else {
      terms.push(parsed);
    }
  }
  return { terms, problem };
}

/** A sentence that says what is wrong with a filter and what would be right, or null. */
export function filterProblem(
  filter: IFilter,
  trans: TranslationBundle
): string | null {
  switch (filter.problem?.reason) {
    case 'key':
      return trans.__(
        '%1 is not a filter. Use %2, results.NAME or parameters.NAME.',
        filter.problem.word,
        KEYS.map(key => `${key}:`).join(' ')
      );
    case 'time':
      return trans.__(
        '%1 is no time. Write 30min, 12h, 3d, 2w or a date.',
        filter.problem.word
      );
    case 'state':
      return trans.__(
        '%1 is no state. Use running, pending, completed, error or aborted.',
        filter.problem.word
      );
    case 'number':
      return trans.__(
        '%1 compares with something that is no number. Use = or != for text.',
        filter.problem.word
      );
    case 'empty':
      return trans.__('%1 needs a value after it.', filter.problem.word);
    default:
      return null;
  }
}

function momentOf(value: string, now: number): number | null {
  const span = parseSpan(value);
  return span !== null ? now - span * 1000 : parseTime(value);
}

function includes(text: string | null | undefined, part: string): boolean {
  return (text ?? '').toLowerCase().includes(part.toLowerCase());
}

function compare(actual: Json | undefined, term: Term & { type: 'compare' }) {
  if (actual === undefined) {
    return false;
  }
  const { operator } = term;
  const wanted = Number(term.value);
  const numeric = isNumber(term.value);
  if (numeric && typeof actual !== 'number') {
    return false;
  }
  const left = numeric ? (actual as number) : String(actual);
  const right = numeric ? wanted : term.value;
  switch (operator) {
    case '=':
      return left === right;
    case '!=':
      return left !== right;
    case '>':
      return left > right;
    case '<':
      return left < right;
    case '>=':
      return left >= right;
    default:
      return left <= right;
  }
}

function matchesLabel(row: IRunRow, value: string): boolean {
  const at = value.indexOf('=');
  return at < 0
    ? value in row.labels
    : row.labels[value.slice(0, at)] === value.slice(at + 1);
}

function named(text: string | null | undefined, value: string): boolean {
  return value.startsWith('~')
    ? includes(text, value.slice(1))
    : (text ?? '') === value;
}

function matchesKey(row: IRunRow, key: FilterKey, value: string, now: number) {
  switch (key) {
    case 'state':
      return true; // states were looked at together: any of them will do
    case 'label':
      return matchesLabel(row, value);
    case 'notebook':
      return includes(row.notebook, value);
    case 'since':
    case 'until': {
      const bound = momentOf(value, now);
      const start = parseTime(row.start_time);
      if (bound === null || start === null) {
        return bound === null;
      }
      return key === 'since' ? start >= bound : start <= bound;
    }
    default:
      return named(row[key], value);
  }
}

function isStateTerm(term: Term): term is Term & { type: 'key' } {
  return term.type === 'key' && term.key === 'state';
}

/** Whether a run passes a filter, by the same rules as the service's. */
export function matchesFilter(
  row: IRunRow,
  filter: IFilter,
  now = Date.now()
): boolean {
  const states = filter.terms.filter(isStateTerm);
  if (
    states.length &&
    !states.some(term => statesOf(term.value).includes(row.state))
  ) {
    return false;
  }
  return filter.terms.every(term => {
    switch (term.type) {
      case 'word':
        return includes(row.name, term.text);
      case 'key':
        return matchesKey(row, term.key, term.value, now);
      default:
        return compare(row[term.group][term.name], term);
    }
  });
}
