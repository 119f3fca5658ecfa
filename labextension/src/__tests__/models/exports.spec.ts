import type { IFunction, IRun, Json } from '../../api/documents';
import { exportsOf, manifestOf, python } from '../../models/exports';
import { formatYaml } from '../../models/yaml';

// the reader that comes with eslint
const { load } = jest.requireActual<{ load: (text: string) => unknown }>(
  'js-yaml'
);

const SOURCE = 'def fit(context, data, n=200, word="it\'s"):\n    return n\n';
const doc = (source = SOURCE): IFunction => ({
  kind: 'job',
  metadata: { name: 'fit-all', project: 'churn', hash: 'abc', labels: {} },
  spec: {
    default_handler: 'fit',
    build: { functionSourceCode: btoa(source) },
    env: [{ name: 'A', value: 'yes' }],
    entry_points: {
      fit: {
        name: 'fit',
        parameters: [
          { name: 'context' },
          { name: 'data' },
          { name: 'n', default: 200 },
          { name: 'word', default: "it's" }
        ]
      }
    }
  }
});

describe('the export of a function', () => {
  it('is a module, YAML, a notebook or a command line', () => {
    const [module, yaml, notebook, command] = exportsOf(doc());
    expect([module.name, module.text]).toEqual(['fit_all.py', SOURCE]);
    expect(yaml.name).toBe('fit-all.yaml');
    expect(load(yaml.text)).toEqual(doc());
    const cells = JSON.parse(notebook.text).cells;
    expect(cells[0].metadata.tags).toEqual(['parameters']);
    expect(cells[0].source.join('')).toBe(
      'data = None\nn = 200\nword = "it\'s"'
    );
    expect(cells[1].source.join('')).toBe(SOURCE.trimEnd());
    expect(cells[2].source.join('')).toBe(
      [
        'import jupyter_mlrun as mlrun',
        '',
        'function = mlrun.new_function(',
        '    "fit-all", project="churn", kind="handler"',
        ')',
        'run = function.run(',
        '    handler=fit,',
        '    params={',
        '        "data": data,',
        '        "n": n,',
        '        "word": word,',
        '    },',
        ')',
        'run'
      ].join('\n')
    );
    expect(new Set(cells.map(({ id }: { id: string }) => id)).size).toBe(3);
    expect(command.name).toBe('');
    expect(command.text).toBe(
      [
        'jupyter mlrun run',
        '--func-url db://churn/fit-all@abc',
        '--handler fit',
        '--param data=VALUE',
        '--param n=200',
        `--param 'word="it'\\''s"'`,
        '--watch\n'
      ].join(' \\\n  ')
    );
  });

  const given = (signature: string, defaults: Record<string, Json>) => {
    const parameters = Object.entries(defaults).map(([name, value]) => ({
      name,
      default: value
    }));
    const found = doc(`# n="no"\n\ndef fit(${signature}):\n    return 1\n`);
    found.spec.entry_points = { fit: { name: 'fit', parameters } };
    const [, , notebook, command] = exportsOf(found);
    return {
      params: command.text
        .split(' \\\n  ')
        .filter(word => word.startsWith('--param'))
        .map(word => word.slice('--param '.length)),
      cell: JSON.parse(notebook.text).cells[0].source.join(''),
      call: JSON.parse(notebook.text).cells[2].source.join('')
    };
  };

  it('gives a command values as the command reads them: as Python', () => {
    const { params } = given(
      'a=False, b=None, c="5", d: str = \'yes\', e=[1]',
      {
        a: false,
        b: null,
        c: '5',
        d: 'yes',
        e: [1, 'x']
      }
    );
    expect(params).toEqual([
      'a=False',
      'b=None',
      `'c="5"'`,
      `'d="yes"'`,
      `'e=[1, "x"]'`
    ]);
  });

  it('leaves to the code what only the code computes', () => {
    const { params, cell, call } = given(
      'n=DEFAULT_N, p: Path = Path("/x"), w="a" + B, t=(1, 2), word: str="ok"',
      {
        n: 'DEFAULT_N',
        p: "Path('/x')",
        w: "'a' + B",
        t: [1, 2],
        word: 'ok'
      }
    );
    expect(params).toEqual([`'word="ok"'`]);
    expect(cell).toBe('word = "ok"');
    expect(call).not.toContain('"n": n');
    expect(call).toContain('"word": word');
  });

  it('of a run has what that was given, and leaves the rest to the code', () => {
    const run: IRun = {
      metadata: { name: 'first fit', project: 'churn', uid: 'u1' },
      spec: {
        function: 'churn/fit-all@abc',
        handler: 'fit',
        parameters: { n: 7, 'odd name': [true] },
        inputs: { data: 'store://artifacts/churn/rows' },
        returns: ['rows:dataset'],
        hyperparams: { rate: [0.1, 0.2] },
        hyper_param_options: { selector: 'max.auc' }
      },
      status: { state: 'completed' }
    };
    const [module, , notebook, command] = exportsOf(doc(), run);
    expect(module.text).toBe(SOURCE);
    expect(command.text.split(' \\\n  ')).toEqual([
      'jupyter mlrun run',
      '--func-url db://churn/fit-all@abc',
      "--name 'first fit'",
      '--handler fit',
      '--param n=7',
      "--param 'odd name=[True]'",
      '--inputs data=store://artifacts/churn/rows',
      "--hyperparam 'rate=[0.1, 0.2]'",
      `--hyper-param-options '{"selector": "max.auc"}'`,
      '--returns rows:dataset',
      '--watch\n'
    ]);
    const [given, , call] = JSON.parse(notebook.text).cells.map(
      ({ source }: { source: string[] }) => source.join('')
    );
    expect(given).toBe('n = 7\ndata = "store://artifacts/churn/rows"');
    for (const line of [
      '    name="first fit",',
      '        "n": n,',
      '        "odd name": [True],',
      '    inputs={\n        "data": data,\n    },',
      '    hyperparams={"rate": [0.1, 0.2]},',
      '    hyper_param_options={"selector": "max.auc"},',
      '    returns=["rows:dataset"],'
    ]) {
      expect(call).toContain(line);
    }
  });

  it('of a job is a manifest with its notes, or says why there is none', () => {
    const made = manifestOf('fit all', {
      objects: [{ kind: 'ConfigMap' }, { kind: 'Job', spec: { count: 1 } }],
      notes: [
        `Make it ${'so '.repeat(40)}first:\n  kubectl ${'x '.repeat(60)}`,
        'Short.'
      ]
    });
    expect(made.name).toBe('fit-all-job.yaml');
    const lines = made.text.split('\n');
    expect(lines.slice(0, 4).map(line => line.length < 98)).toEqual([
      true,
      true,
      false,
      true
    ]);
    expect(lines[2]).toMatch(/^# {3}kubectl x/);
    expect(lines.slice(-7, -1)).toEqual([
      '---',
      'kind: ConfigMap',
      '---',
      'kind: Job',
      'spec:',
      '  count: 1'
    ]);
    expect(manifestOf('fit', 'it names no image')).toMatchObject({
      text: '',
      problem: 'it names no image'
    });
  });

  it('is no module where there is no code', () => {
    expect(exportsOf(doc('')).map(({ format }) => format)).toEqual([
      'yaml',
      'command'
    ]);
  });

  it('writes values as Python does', () => {
    expect(python([true, null, 'a"b', { x: 1.5 }])).toBe(
      '[True, None, "a\\"b", {"x": 1.5}]'
    );
  });
});

describe('YAML', () => {
  it('reads back as what was written', () => {
    const values: unknown[] = [
      { a: [], b: {}, c: null, d: [1, [2, [3, { x: [4] }]]] },
      { yes: 'no', '1': '1', 'a b': ' x ', e: '', f: '- x', g: '# y' },
      [{ a: 1, b: [{ c: 'x: y' }] }, 'line\nline', -0.5, true],
      'alone',
      { k: '2024-01-01', l: '0x10', m: '1e3', n: '.5', o: 'é\u2028' }
    ];
    for (const value of values) {
      expect(load(formatYaml(value))).toEqual(value);
    }
  });
});

it('writes numbers of YAML that are numbers to YAML 1.1 too', () => {
  expect(formatYaml({ a: 1e-7, b: -1e21, c: 1.5e-7, d: 3, e: 'x1e5' })).toBe(
    'a: 1.0e-7\nb: -1.0e+21\nc: 1.5e-7\nd: 3\ne: x1e5\n'
  );
});
