import type { IEntryPoint, IFunction, Json } from '../api/documents';
import { sourceOf } from '../api/functions';
import { formatYaml } from './yaml';

/** What a function can be exported as. */
export type ExportFormat = 'module' | 'yaml' | 'notebook' | 'command';

/** What an export is: the name of its file and its text. */
export interface IExported {
  format: ExportFormat;
  /** The file's name; empty for what is only copied. */
  name: string;
  text: string;
  language: 'python' | 'yaml' | 'json' | 'shell';
}

/** All that a function can be exported as; what has no code is no module and no notebook. */
export function exportsOf(doc: IFunction): IExported[] {
  const stem = doc.metadata.name.replace(/[^A-Za-z0-9_-]/g, '-');
  const source = sourceOf(doc);
  const yaml: IExported = {
    format: 'yaml',
    name: `${stem}.yaml`,
    text: formatYaml(doc),
    language: 'yaml'
  };
  const command: IExported = {
    format: 'command',
    name: '',
    text: commandOf(doc, source),
    language: 'shell'
  };
  if (!source) {
    return [yaml, command];
  }
  return [
    {
      format: 'module',
      name: `${stem.replace(/-/g, '_')}.py`,
      text: source,
      language: 'python'
    },
    yaml,
    {
      format: 'notebook',
      name: `${stem}.ipynb`,
      text: notebookOf(doc, source),
      language: 'json'
    },
    command
  ];
}

/** The entry point that is called where nobody says another one. */
function entryOf({ spec }: IFunction): IEntryPoint | undefined {
  const entries = spec.entry_points ?? {};
  return entries[spec.default_handler ?? ''] ?? Object.values(entries)[0];
}

/** A parameter as an export gives it: `undefined` where the caller must say what it is. */
type Given = [name: string, value: Json | undefined];

/** The parameters that an export can write down; what only the code can compute is left to it. */
function parametersOf(doc: IFunction, source: string): Given[] {
  const entry = entryOf(doc);
  return (entry?.parameters ?? [])
    .filter(
      parameter =>
        parameter.name !== 'context' &&
        (parameter.default === undefined ||
          isWritten(parameter.name, parameter.default, entry!.name, source))
    )
    .map(parameter => [parameter.name, parameter.default]);
}

/**
 * Whether a default is that value in the code too.
 *
 * Documents have a computed default (`n=DEFAULT_N`) as the text of its expression, and a tuple as
 * a list: the code alone tells them from a text and from a list.
 */
function isWritten(
  name: string,
  value: Json,
  handler: string,
  source: string
): boolean {
  if (typeof value !== 'string' && !Array.isArray(value)) {
    return true;
  }
  const start = new RegExp(`\\bdef\\s+${handler}\\s*\\(`).exec(source)?.index;
  if (start === undefined || !/^\w+$/.test(name)) {
    return false;
  }
  const first = Array.isArray(value) ? '\\[' : '[rRuU]?["\']';
  const written = new RegExp(`\\b${name}\\s*(?::[^=]*?)?=\\s*(.{0,2})`, 's');
  const found = written.exec(source.slice(start))?.[1] ?? '';
  // an expression that begins with a text has its quote in the document
  return (
    new RegExp(`^${first}`).test(found) &&
    !(typeof value === 'string' && /^["']/.test(value))
  );
}

/** The line of a terminal that runs this version; what it does not say is as the code has it. */
function commandOf(doc: IFunction, source: string): string {
  const { project, name, hash } = doc.metadata;
  const words = [
    'jupyter mlrun run',
    `--func-url ${quoted(`db://${project}/${name}${hash ? `@${hash}` : ''}`)}`
  ];
  const handler = entryOf(doc)?.name;
  if (handler) {
    words.push(`--handler ${quoted(handler)}`);
  }
  for (const [key, value] of parametersOf(doc, source)) {
    // the command reads values as Python writes them
    const text = value === undefined ? 'VALUE' : python(value);
    words.push(`--param ${quoted(`${key}=${text}`)}`);
  }
  words.push('--watch');
  return `${words.join(' \\\n  ')}\n`;
}

function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text)
    ? text
    : `'${text.replace(/'/g, `'\\''`)}'`;
}

/** A notebook that other tools can give parameters: they stand in a cell with that tag. */
function notebookOf(doc: IFunction, source: string): string {
  const parameters = parametersOf(doc, source);
  const handler = entryOf(doc)?.name;
  const names = parameters.map(([name]) => name);
  const call = [
    'import jupyter_mlrun as mlrun',
    '',
    `function = mlrun.new_function(${python(doc.metadata.name)}, kind="handler")`,
    `run = function.run(handler=${handler}, params={`,
    ...names.map(name => `    ${python(name)}: ${name},`),
    '})',
    'run'
  ];
  const cells = [
    code(
      parameters.map(([name, value]) => `${name} = ${python(value ?? null)}`),
      ['parameters']
    ),
    code(source.replace(/\n+$/, '').split('\n')),
    ...(handler ? [code(call)] : [])
  ].map((each, index) => ({ id: `cell-${index + 1}`, ...each }));
  const notebook = {
    cells,
    metadata: {
      kernelspec: {
        display_name: 'Python 3',
        language: 'python',
        name: 'python3'
      },
      language_info: { name: 'python' }
    },
    nbformat: 4,
    nbformat_minor: 5
  };
  return `${JSON.stringify(notebook, null, 1)}\n`;
}

function code(lines: string[], tags?: string[]) {
  return {
    cell_type: 'code',
    execution_count: null,
    metadata: tags ? { tags } : {},
    outputs: [],
    source: lines.map((line, index) =>
      index < lines.length - 1 ? `${line}\n` : line
    )
  };
}

/** A value of JSON as Python writes it. */
export function python(value: Json): string {
  if (value === null) {
    return 'None';
  }
  if (typeof value === 'boolean') {
    return value ? 'True' : 'False';
  }
  if (Array.isArray(value)) {
    return `[${value.map(python).join(', ')}]`;
  }
  if (typeof value === 'object') {
    const items = Object.entries(value).map(
      ([key, item]) => `${JSON.stringify(key)}: ${python(item as Json)}`
    );
    return `{${items.join(', ')}}`;
  }
  return JSON.stringify(value);
}
