import type { IRun } from '../../api/documents';
import {
  changesOf,
  compareRuns,
  countLines,
  functionName
} from '../../models/differences';

const run = (spec: IRun['spec']): IRun => ({
  metadata: { name: 'train', project: 'p', uid: 'u' },
  spec,
  status: { state: 'completed' }
});

describe('changesOf', () => {
  it('names what is new, gone or different, the newer ones first', () => {
    expect(changesOf({ a: 1, b: 2, c: 3 }, { d: 4, b: 2, a: 10 })).toEqual([
      { name: 'd', from: undefined, to: 4 },
      { name: 'a', from: 1, to: 10 },
      { name: 'c', from: 3, to: undefined }
    ]);
  });

  it('compares lists and objects by their content', () => {
    expect(changesOf({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] })).toEqual([]);
  });
});

describe('compareRuns', () => {
  it('does not count the magic line as code', () => {
    const before = run({
      parameters: { n: 1 },
      origin: { cell_source: '%%mlrun train -p n=1\nx = n\ny = 2' }
    });
    const after = run({
      parameters: { n: 2 },
      origin: { cell_source: '%%mlrun train -p n=2\nx = n\ny = 2' }
    });
    const found = compareRuns(after, before);
    expect(found.code).toBeNull();
    expect(found.parameters).toEqual([{ name: 'n', from: 1, to: 2 }]);
  });

  it('counts lines of the body', () => {
    const before = run({ origin: { cell_source: '%%mlrun t\na\nb\nc' } });
    const after = run({ origin: { cell_source: '%%mlrun t\na\nB\nc\nd' } });
    expect(compareRuns(after, before).code).toEqual({ added: 2, removed: 1 });
  });

  it('tells which packages have another version', () => {
    const before = run({ origin: { packages: { numpy: '1', pandas: '2' } } });
    const after = run({ origin: { packages: { numpy: '2', pandas: '2' } } });
    expect(compareRuns(after, before).packages).toEqual([
      { name: 'numpy', from: '1', to: '2' }
    ]);
  });
});

describe('countLines', () => {
  it('is nothing for equal texts', () => {
    expect(countLines('a\n', 'a\n')).toEqual({ added: 0, removed: 0 });
  });
});

describe('functionName', () => {
  it('comes from the function, else from the run', () => {
    expect(functionName(run({ function: 'p/fit@abc' }))).toBe('fit');
    expect(functionName(run({}))).toBe('train');
  });
});
