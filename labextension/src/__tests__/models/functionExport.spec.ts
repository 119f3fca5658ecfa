import type { IFunction, Json } from '../../api/documents';
import { exportsOf, python } from '../../models/functionExport';
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
    expect(cells[2].source.join('')).toContain('handler=fit, params={\n');
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
