import { formatLimit, parseLimit } from '../../panels/form/limits';
import { Wishes } from '../../panels/form/wishes';

describe('parseLimit', () => {
  it.each([
    ['timeout', '90', 90],
    ['timeout', '15m', 900],
    ['timeout', '2 h', 7200],
    ['cpu', '0.5', 0.5],
    ['memory', '500M', 5e8],
    ['memory', '4G', 4e9],
    ['memory', '4 GB', 4e9],
    ['memory', '2Gi', 2147483648],
    ['memory', '', null],
    ['cpu', '2 cores', undefined],
    ['timeout', '-5', undefined],
    ['memory', '0', undefined],
    ['memory', 'lots', undefined]
  ] as const)('%s %s', (name, text, value) => {
    expect(parseLimit(name, text)).toBe(value);
  });

  it('reads back what it writes', () => {
    for (const value of [90, 900, 7200, 86400]) {
      expect(parseLimit('timeout', formatLimit('timeout', value))).toBe(value);
    }
    for (const value of [5e8, 4e9, 2147483648, 12345]) {
      expect(parseLimit('memory', formatLimit('memory', value))).toBe(value);
    }
  });
});

describe('Wishes', () => {
  function begun(): Wishes {
    const wishes = new Wishes();
    wishes.begin(['accuracy', 'model: model'], 'handler', {
      limits: { timeout: 900 }
    });
    return wishes;
  }

  it('begins unchanged; a run of the kernel becomes a local one', () => {
    const wishes = begun();
    expect(wishes.isChanged).toBe(false);
    expect(wishes.kind).toBe('local');
    expect(wishes.limits).toEqual({ timeout: 900 });
    expect(wishes.options).toEqual(['--timeout 15m']);
  });

  it('keeps what is added and not what is left out', () => {
    const wishes = begun();
    expect(wishes.add('loss: result')).toBe(true);
    expect(wishes.add('accuracy')).toBe(false);
    expect(wishes.add('two words')).toBe(false);
    wishes.toggle('accuracy');
    expect(wishes.returns).toEqual(['model: model', 'loss:result']);
    expect(wishes.isChanged).toBe(true);
  });

  it('says which limit is wrong, and the options of a line', () => {
    const wishes = begun();
    wishes.setLimit('memory', 'lots');
    expect(wishes.wrong).toBe('memory');
    wishes.setLimit('memory', '4 G');
    wishes.kind = 'job';
    expect(wishes.wrong).toBeNull();
    expect(wishes.limits).toEqual({ timeout: 900, memory: 4e9 });
    expect(wishes.options).toEqual([
      '--kind job',
      '--timeout 15m',
      '--memory 4G'
    ]);
    expect(wishes.isOtherKind).toBe(true);
  });
});
