import type { JsonMap } from '../../api/documents';
import {
  fieldsOf,
  formatForLine,
  literalChoices,
  magicLine,
  parseField,
  textOf
} from '../../panels/form/fields';

const words = {
  int: 'int!',
  float: 'float!',
  bool: 'bool!',
  json: 'json!',
  empty: 'empty!'
};

const field = (type: string, was?: unknown) =>
  fieldsOf(
    { name: 'f', parameters: [{ name: 'a', type }] },
    was === undefined ? {} : { a: was as never }
  )[0];

describe('fieldsOf', () => {
  it('follows the signature, then adds what the run had beside it', () => {
    const fields = fieldsOf(
      {
        name: 'train',
        parameters: [
          { name: 'context' },
          { name: 'n', type: 'int', default: 10 },
          { name: 'data', type: 'DataFrame' }
        ]
      },
      { extra: 'x', n: 20 },
      ['data']
    );
    expect(fields.map(item => [item.name, item.kind, item.was])).toEqual([
      ['n', 'int', 20],
      ['extra', 'str', 'x']
    ]);
  });

  it.each([
    ['int', undefined, 'int', false],
    ['int | None', undefined, 'int', true],
    ['typing.Optional[float]', undefined, 'float', true],
    ['list[int]', undefined, 'json', false],
    ['dict', undefined, 'json', false],
    ["Literal['a', 'b']", undefined, 'choice', false],
    ['', 5, 'float', false],
    ['', 'x', 'str', false],
    ['', [1], 'json', false],
    ['', true, 'bool', false],
    ['', undefined, 'any', false]
  ])('types %j with %j as %s', (type, was, kind, optional) => {
    expect(field(type, was)).toMatchObject({ kind, optional });
  });
});

describe('a default that nobody typed over', () => {
  const source = 'def f(n: int = N, word="x", other=HOME, m: int = 3):\n  pass';
  const fields = (given: JsonMap) =>
    fieldsOf(
      {
        name: 'f',
        parameters: [
          { name: 'n', type: 'int', default: 'N' },
          { name: 'word', default: 'x' },
          { name: 'other', default: 'HOME' },
          { name: 'm', type: 'int', default: 3 }
        ]
      },
      given,
      [],
      source
    );
  const values = (given: JsonMap, typed: JsonMap = {}) =>
    fields(given).map(each =>
      parseField(
        each,
        String(typed[each.name] ?? textOf(each, each.was)),
        words
      )
    );

  it('is not sent, and one that the code computes is no value', () => {
    expect(
      fields({}).map(({ kind, was, computed }) => [kind, was, computed])
    ).toEqual([
      ['int', undefined, 'N'],
      ['str', 'x', ''],
      ['any', undefined, 'HOME'],
      ['int', 3, '']
    ]);
    expect(values({})).toEqual(Array(4).fill({ value: undefined }));
  });

  it('is sent where the run was given it, or somebody types', () => {
    expect(values({ n: 5, m: 3 }, { other: '7' })).toEqual([
      { value: 5 },
      { value: undefined },
      { value: 7 },
      { value: 3 }
    ]);
    expect(values({}, { n: 'many' })[0]).toEqual({ problem: 'int!' });
  });

  it('does not stand in for a None that the run was given', () => {
    expect(fields({ word: null, m: null }).map(({ was }) => was)).toEqual([
      undefined,
      null,
      undefined,
      null
    ]);
  });
});

describe('parseField', () => {
  it.each([
    ['int', '200', { value: 200 }],
    ['int', '1.5', { problem: 'int!' }],
    ['int', 'many', { problem: 'int!' }],
    ['int | None', '', { value: null }],
    ['float', '1e-3', { value: 0.001 }],
    ['float', 'nan', { value: 'nan' }],
    ['float', 'x', { problem: 'float!' }],
    ['bool', 'true', { value: true }],
    ['list', '[1, 2]', { value: [1, 2] }],
    ['list', '[1,', { problem: 'json!' }],
    ['str', ' a b ', { value: ' a b ' }],
    ['str', '', { value: '' }],
    ['', 'plain words', { value: 'plain words' }],
    ['', '{"a": 1}', { value: { a: 1 } }]
  ])('%s from %j', (type, text, typed) => {
    expect(parseField(field(type), text, words)).toEqual(typed);
  });

  it('asks for a value that was never there', () => {
    expect(parseField(field('int'), '', words)).toEqual({ problem: 'empty!' });
    expect(parseField(field('int', 5), '', words)).toEqual({ problem: 'int!' });
  });

  it.each([
    ['int', 7],
    ['float', 0.5],
    ['str', 'a"b'],
    ['list', [1, 'x']],
    ["Literal['a', 2]", 'a']
  ])('reads back what %s shows', (type, value) => {
    const item = field(type, value);
    expect(parseField(item, textOf(item, value as never), words)).toEqual({
      value
    });
  });
});

describe('literalChoices', () => {
  it('reads Python literals', () => {
    expect(literalChoices("Literal['a', 2, True, None]")).toEqual([
      'a',
      2,
      true,
      null
    ]);
    expect(literalChoices('int')).toEqual([]);
  });
});

describe('formatForLine', () => {
  it.each([
    ['median', 'median'],
    ['two words', '"two words"'],
    ['200', '"200"'],
    ['True', '"True"'],
    ['a"b', '"a\\"b"'],
    [200, '200'],
    [[1, 2], '[1,2]'],
    [null, 'null']
  ])('%j is written %s', (value, text) => {
    expect(formatForLine(value)).toBe(text);
  });
});

describe('magicLine', () => {
  it('says the same in a cell', () => {
    expect(
      magicLine(
        'train',
        { n: 200, impute: 'none' },
        { data: 'x.csv', none: '' },
        ['accuracy', 'm : model'],
        'churn'
      )
    ).toBe(
      '%mlrun run train -p n=200 -p impute=none -i data=x.csv -o accuracy -o m:model --project churn'
    );
  });
});
