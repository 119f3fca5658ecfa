import type { TranslationBundle } from '@jupyterlab/translation';
import type { IRunRow, Json } from '../api/documents';
import { parseTime } from '../format';

const OPERATORS = ['>=', '<=', '!=', '>', '<', '='] as const;
const KEYS = [
  'state',
  'label',
  'owner',
  'kind',
  'function',
  'notebook',
  'since'
] as const;

/** A comparison of a parameter or result. */
export type Operator = (typeof OPERATORS)[number];

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
  reason: 'key' | 'since' | 'empty';
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

function words(text: string): string[] {
  return text.match(/(?:[^\s"]|"[^"]*"?)+/g) ?? [];
}

/** The seconds of a span like `45m`, `12h`, `3d`, `2w`, or null. */
export function parseSpan(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)([smhdw])$/.exec(text);
  const unit = { s: 1, m: 60, h: 3600, d: 86400, w: 604800 };
  return match ? Number(match[1]) * unit[match[2] as keyof typeof unit] : null;
}

function parseWord(word: string): Term | IFilterProblem {
  const compare =
    /^(results?|parameters?|params?)\.([^<>=!\s]+)(>=|<=|!=|>|<|=)(.*)$/.exec(
      word
    );
  if (compare) {
    const [, group, name, operator, value] = compare;
    return value === ''
      ? { word, reason: 'empty' }
      : {
          type: 'compare',
          group: group.startsWith('r') ? 'results' : 'parameters',
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
  if (key === 'since' && sinceOf(value, 0) === null) {
    return { word, reason: 'since' };
  }
  return { type: 'key', key: key as FilterKey, value };
}

/** The filter that a text means: words match names, the rest as `key:value` or comparison. */
export function parseFilter(text: string): IFilter {
  const terms: Term[] = [];
  let problem: IFilterProblem | null = null;
  for (const raw of words(text)) {
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
    case 'since':
      return trans.__(
        '%1 is no time. Write 45m, 12h, 3d, 2w or a date.',
        filter.problem.word
      );
    case 'empty':
      return trans.__('%1 needs a value after it.', filter.problem.word);
    default:
      return null;
  }
}

function sinceOf(value: string, now: number): number | null {
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
  const numeric = typeof actual === 'number' && !Number.isNaN(wanted);
  const left = numeric ? actual : String(actual);
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

function matchesKey(row: IRunRow, key: FilterKey, value: string, now: number) {
  switch (key) {
    case 'state':
      return value.split(',').includes(row.state);
    case 'label':
      return matchesLabel(row, value);
    case 'owner':
      return value.split(',').includes(row.owner ?? '');
    case 'kind':
      return value.split(',').includes(row.kind ?? '');
    case 'function':
      return includes(row.function, value);
    case 'notebook':
      return includes(row.notebook, value);
    default: {
      const since = sinceOf(value, now);
      const start = parseTime(row.start_time);
      return since === null || (start !== null && start >= since);
    }
  }
}

/** Whether a run passes a filter, by the same rules as the service's. */
export function matchesFilter(
  row: IRunRow,
  filter: IFilter,
  now = Date.now()
): boolean {
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
