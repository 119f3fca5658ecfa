import type {
  IEntryPoint,
  IFunction,
  IRun,
  IRunSpec,
  Json,
  JsonMap
} from '../api/documents';
import { sourceOf } from '../api/functions';
import type { IManifest } from '../api/manifests';
import { isWritten } from './defaults';
import { formatYaml } from './yaml';

/** How long a line of a comment may be. */
const WIDTH = 96;

/** What a function or a run can be exported as. */
export type ExportFormat =
  'module' | 'yaml' | 'notebook' | 'command' | 'manifest';

/** What an export is: the name of its file and its text. */
export interface IExported {
  format: ExportFormat;
  /** The file's name; empty for what is only copied. */
  name: string;
  text: string;
  language: 'python' | 'yaml' | 'json' | 'shell';
  /** Why there is no text; then nothing can be saved or copied. */
  problem?: string;
}

/**
 * All that a function can be exported as, or a run of it with what that was given; what has no code
 * is no module and no notebook.
 */
export function exportsOf(doc: IFunction, run?: IRun): IExported[] {
  const stem = stemOf(doc.metadata.name);
  const source = sourceOf(doc);
  const call = callOf(doc, source, run);
  const yaml: IExported = {
    format: 'yaml',
    name: `${stem}.yaml`,
    text: formatYaml(doc),
    language: 'yaml'
  };
  const command: IExported = {
    format: 'command',
    name: '',
    text: commandOf(doc, call),
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
      text: notebookOf(doc, source, call),
      language: 'json'
    },
    command
  ];
}

/** What a cluster would be sent, as a file for kubectl; a text says why there is none. */
export function manifestOf(name: string, found: IManifest | string): IExported {
  const made: IExported = {
    format: 'manifest',
    name: `${stemOf(name)}-job.yaml`,
    text: '',
    language: 'yaml'
  };
  if (typeof found === 'string') {
    return { ...made, problem: found };
  }
  const notes = found.notes.flatMap(note => wrapped(note)).join('\n');
  const documents = found.objects.map(each => `---\n${formatYaml(each)}`);
  return { ...made, text: `${notes}\n${documents.join('')}` };
}

/** A note as lines of a comment; commands stay on one line. */
function wrapped(note: string): string[] {
  return note.split('\n').flatMap(text => {
    const lines: string[] = ['#'];
    for (const word of text.startsWith(' ') ? [text] : text.split(' ')) {
      const last = lines[lines.length - 1];
      if (last !== '#' && last.length + word.length >= WIDTH) {
        lines.push(`# ${word}`);
      } else {
        lines[lines.length - 1] = `${last} ${word}`;
      }
    }
    return lines;
  });
}

function stemOf(name: string): string {
  return name.replace(/[^A-Za-z0-9_-]/g, '-');
}

/** The entry point that is called where nobody says another one. */
function entryOf({ spec }: IFunction, named = ''): IEntryPoint | undefined {
  const entries = spec.entry_points ?? {};
  return (
    entries[named || (spec.default_handler ?? '')] ?? Object.values(entries)[0]
  );
}

/** A parameter as an export gives it: `undefined` where the caller must say what it is. */
type Given = [name: string, value: Json | undefined];

/** What is called with what. */
interface ICall {
  name: string;
  handler: string;
  parameters: Given[];
  inputs: [name: string, uri: string][];
  returns: string[];
  hyperparams: JsonMap;
  options: JsonMap;
}

function callOf(doc: IFunction, source: string, run?: IRun): ICall {
  const spec: IRunSpec = run?.spec ?? {};
  const entry = entryOf(doc, spec.handler);
  return {
    name: run?.metadata.name ?? '',
    handler: spec.handler || (entry?.name ?? ''),
    parameters: run
      ? Object.entries(spec.parameters ?? {})
      : parametersOf(entry, source),
    inputs: Object.entries(spec.inputs ?? {}),
    returns: spec.returns ?? [],
    hyperparams: spec.hyperparams ?? {},
    options: spec.hyper_param_options ?? {}
  };
}

/** The parameters that an export can write down; what only the code can compute is left to it. */
function parametersOf(entry: IEntryPoint | undefined, source: string): Given[] {
  return (entry?.parameters ?? [])
    .filter(
      parameter =>
        parameter.name !== 'context' &&
        (parameter.default === undefined ||
          isWritten(parameter.name, parameter.default, entry!.name, source))
    )
    .map(parameter => [parameter.name, parameter.default]);
}

/** The line of a terminal that runs this version; what it does not say is as the code has it. */
function commandOf(doc: IFunction, call: ICall): string {
  const { project, name, hash } = doc.metadata;
  const each = (option: string, pairs: [string, string][]) =>
    pairs.map(([key, text]) => `${option} ${quoted(`${key}=${text}`)}`);
  const written = (pairs: [string, Json | undefined][]) =>
    // the command reads values as Python writes them
    pairs.map(([key, value]): [string, string] => [
      key,
      value === undefined ? 'VALUE' : python(value)
    ]);
  const words = [
    'jupyter mlrun run',
    `--func-url ${quoted(`db://${project}/${name}${hash ? `@${hash}` : ''}`)}`,
    ...(call.name ? [`--name ${quoted(call.name)}`] : []),
    ...(call.handler ? [`--handler ${quoted(call.handler)}`] : []),
    ...each('--param', written(call.parameters)),
    ...each('--inputs', call.inputs),
    ...each('--hyperparam', written(Object.entries(call.hyperparams))),
    ...(Object.keys(call.options).length
      ? [`--hyper-param-options ${quoted(python(call.options))}`]
      : []),
    ...call.returns.map(hint => `--returns ${quoted(hint)}`),
    '--watch'
  ];
  return `${words.join(' \\\n  ')}\n`;
}

function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text)
    ? text
    : `'${text.replace(/'/g, `'\\''`)}'`;
}

/** A notebook that other tools can give parameters: they stand in a cell with that tag. */
function notebookOf(doc: IFunction, source: string, call: ICall): string {
  const { name, project } = doc.metadata;
  const parameters = call.parameters.map(([key, value]): [string, Json] => [
    key,
    value ?? null
  ]);
  const given = [...parameters, ...call.inputs].filter(([key]) => isName(key));
  const mapping = (argument: string, pairs: readonly [string, Json][]) =>
    pairs.length
      ? [
          `    ${argument}={`,
          ...pairs.map(
            ([key, value]) =>
              `        ${python(key)}: ${isName(key) ? key : python(value)},`
          ),
          '    },'
        ]
      : [];
  const argument = (key: string, value: JsonMap | string[]) =>
    Object.keys(value).length ? [`    ${key}=${python(value)},`] : [];
  const { handler, hyperparams, options, returns } = call;
  const lines = [
    'import jupyter_mlrun as mlrun',
    '',
    'function = mlrun.new_function(',
    `    ${python(name)}, project=${python(project)}, kind="handler"`,
    ')',
    'run = function.run(',
    `    handler=${isName(handler) ? handler : python(handler)},`,
    ...(call.name ? [`    name=${python(call.name)},`] : []),
    ...mapping('params', parameters),
    ...mapping('inputs', call.inputs),
    ...argument('hyperparams', hyperparams),
    ...argument('hyper_param_options', options),
    ...argument('returns', returns),
    ')',
    'run'
  ];
  const cells = [
    code(
      given.map(([key, value]) => `${key} = ${python(value)}`),
      ['parameters']
    ),
    code(source.replace(/\n+$/, '').split('\n')),
    ...(handler ? [code(lines)] : [])
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

/** Whether a text can name a variable of Python; what cannot is written where it is used. */
function isName(text: string): boolean {
  return /^[\p{L}_][\p{L}\p{N}_]*$/u.test(text);
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
