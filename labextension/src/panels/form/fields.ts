import type {
  IEntryParameter,
  IEntryPoint,
  Json,
  JsonMap
} from '../../api/documents';
import { isWritten } from '../../models/defaults';

/** How a value is typed in. */
export type FieldKind =
  'int' | 'float' | 'bool' | 'str' | 'json' | 'choice' | 'any';

/** A parameter in the form. */
export interface IField {
  name: string;
  kind: FieldKind;
  /** The type as the signature says it, for the hint. */
  type: string;
  /** Empty stands for None. */
  optional: boolean;
  choices: Json[];
  doc: string;
  /** The value before editing; undefined where there was none. */
  was: Json | undefined;
  /** Whether the run before was given that value, rather than left to its default. */
  given: boolean;
  /** The default of the signature; undefined where there is none, or only the code knows it. */
  standard: Json | undefined;
  /** The expression of a default that only the code can compute; else empty. */
  computed: string;
}

/** What was typed: a value, or why it is none. */
export type Typed = { value: Json | undefined } | { problem: string };

const KINDS: readonly [RegExp, FieldKind][] = [
  [/^int$/, 'int'],
  [/^float$/, 'float'],
  [/^bool$/, 'bool'],
  [/^str$/, 'str'],
  [/^(list|dict|tuple|set|sequence|mapping)\b/i, 'json']
];
const NON_FINITE = new Set(['nan', 'inf', '-inf']);

function bareType(type: string): { bare: string; optional: boolean } {
  const text = type.replace(/\b(typing|builtins)\./g, '').trim();
  const inner = /^Optional\[(.*)\]$/.exec(text)?.[1];
  const parts = (inner ?? text).split('|').map(part => part.trim());
  const kept = parts.filter(part => part !== 'None');
  return {
    bare: kept.join(' | '),
    optional: inner !== undefined || kept.length < parts.length
  };
}

/** The values of `Literal[…]`, or none. */
export function literalChoices(type: string): Json[] {
  const inner = /^Literal\[(.*)\]$/.exec(type)?.[1];
  if (inner === undefined) {
    return [];
  }
  const text = inner
    .replace(/'((?:[^'\\]|\\.)*)'/g, (_, word: string) => JSON.stringify(word))
    .replace(/\bTrue\b/g, 'true')
    .replace(/\bFalse\b/g, 'false')
    .replace(/\bNone\b/g, 'null');
  try {
    return JSON.parse(`[${text}]`) as Json[];
  } catch {
    // a literal that we cannot read is typed in as text
    return [];
  }
}

function kindOfValue(value: Json | undefined): FieldKind {
  switch (typeof value) {
    case 'number':
      return Number.isInteger(value) ? 'int' : 'float';
    case 'boolean':
      return 'bool';
    case 'string':
      return 'str';
    case 'object':
      return value === null ? 'any' : 'json';
    default:
      return 'any';
  }
}

/** The default that only the code can compute: documents have its expression as a text. */
function computedOf(
  { name, default: standard }: IEntryParameter,
  entry: IEntryPoint | undefined,
  source: string
): string {
  return typeof standard === 'string' &&
    source !== '' &&
    !isWritten(name, standard, entry?.name ?? '', source)
    ? standard
    : '';
}

function fieldOf(
  parameter: IEntryParameter,
  values: JsonMap,
  computed: string
): IField {
  const standard = computed ? undefined : parameter.default;
  const given = parameter.name in values;
  const was = given ? values[parameter.name] : standard;
  const { bare, optional } = bareType(parameter.type ?? '');
  const choices = literalChoices(bare);
  const declared = KINDS.find(([pattern]) => pattern.test(bare))?.[1];
  const guessed = kindOfValue(was ?? standard);
  // a whole number in an untyped parameter may become any number
  const free = guessed === 'int' ? 'float' : guessed;
  return {
    name: parameter.name,
    kind: choices.length ? 'choice' : (declared ?? free),
    type: parameter.type ?? '',
    optional: optional || standard === null,
    choices,
    doc: parameter.doc ?? '',
    was,
    given,
    standard,
    computed
  };
}

/** The fields of a form: the signature's parameters in order, then others that the run had. */
export function fieldsOf(
  entry: IEntryPoint | undefined,
  parameters: JsonMap,
  inputs: readonly string[] = [],
  source = ''
): IField[] {
  const declared = (entry?.parameters ?? []).filter(
    parameter =>
      parameter.name !== 'context' && !inputs.includes(parameter.name)
  );
  const names = new Set(declared.map(parameter => parameter.name));
  const others = Object.keys(parameters)
    .filter(name => !names.has(name))
    .map((name): IEntryParameter => ({ name }));
  return [...declared, ...others].map(parameter =>
    fieldOf(parameter, parameters, computedOf(parameter, entry, source))
  );
}

/** Whether a field is left to the default of the code, so that nothing is sent for it. */
export function isLeft(field: IField, text: string): boolean {
  return (
    !field.given &&
    (field.computed
      ? text === ''
      : field.standard !== undefined && text === textOf(field, field.standard))
  );
}

/** A value as it is typed into a field. */
export function textOf(field: IField, value: Json | undefined): string {
  if (value === undefined || (value === null && field.kind !== 'choice')) {
    return '';
  }
  return typeof value === 'string' && field.kind !== 'choice'
    ? value
    : JSON.stringify(value);
}

/** The value that a text stands for in a field; words are given by the caller, in its language. */
export function parseField(
  field: IField,
  text: string,
  words: {
    int: string;
    float: string;
    bool: string;
    json: string;
    empty: string;
  }
): Typed {
  const trimmed = text.trim();
  if (isLeft(field, text)) {
    return { value: undefined };
  }
  if (trimmed === '' && field.kind !== 'str') {
    if (field.optional) {
      return { value: null };
    }
    return field.was === undefined
      ? { problem: words.empty }
      : { problem: words[wordOf(field.kind)] };
  }
  switch (field.kind) {
    case 'int':
      return /^[+-]?\d+$/.test(trimmed)
        ? { value: Number(trimmed) }
        : { problem: words.int };
    case 'float':
      return parseNumber(trimmed, words.float);
    case 'str':
      return { value: text === '' && field.was === null ? null : text };
    case 'any':
      return { value: parseLoose(trimmed) };
    default:
      return parseJson(
        trimmed,
        field.kind === 'bool' ? words.bool : words.json
      );
  }
}

function wordOf(kind: FieldKind): 'int' | 'float' | 'bool' | 'json' {
  return kind === 'int' || kind === 'float' || kind === 'bool' ? kind : 'json';
}

function parseNumber(text: string, problem: string): Typed {
  if (NON_FINITE.has(text.toLowerCase())) {
    return { value: text.toLowerCase() };
  }
  const number = Number(text.replace(/_/g, ''));
  return Number.isFinite(number) ? { value: number } : { problem };
}

function parseJson(text: string, problem: string): Typed {
  try {
    return { value: JSON.parse(text) as Json };
  } catch {
    return { problem };
  }
}

function parseLoose(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    // what is not JSON is text, as in the magic line
    return text;
  }
}

function readsAsValue(text: string): boolean {
  return (
    typeof parseLoose(text) !== 'string' ||
    /^(True|False|None|[rbuf]?['"(].*)$/.test(text)
  );
}

/** A value as the magic line takes it: plain where it reads back as itself, else quoted. */
export function formatForLine(value: Json): string {
  if (typeof value !== 'string') {
    return JSON.stringify(value);
  }
  const plain = /^[^\s'"[\]{}()\\]+$/.test(value);
  return plain && !readsAsValue(value) ? value : JSON.stringify(value);
}

/** The line that does the same in a cell. */
export function magicLine(
  name: string,
  parameters: JsonMap,
  inputs: Record<string, string>,
  returns: readonly string[],
  project = 'default',
  schedule = '',
  options: readonly string[] = []
): string {
  return [
    schedule
      ? `%mlrun schedule ${name} ${JSON.stringify(schedule)}`
      : `%mlrun run ${name}`,
    ...Object.entries(parameters).map(
      ([key, value]) => `-p ${key}=${formatForLine(value)}`
    ),
    ...Object.entries(inputs)
      .filter(([, uri]) => uri !== '')
      .map(
        ([key, uri]) =>
          `-i ${key}=${/\s/.test(uri) ? JSON.stringify(uri) : uri}`
      ),
    ...returns.map(hint => `-o ${hint.replace(/\s/g, '')}`),
    ...options,
    ...(project === 'default' ? [] : [`--project ${project}`])
  ].join(' ');
}
