import { isWritten } from '../../models/defaults';

describe('a default that the code has', () => {
  const source = 'def fat(n="no"): pass\n\ndef fit(n="a", m=B): pass\n';

  it('is looked for in the handler alone', () => {
    expect(isWritten('n', 'a', 'fit', source)).toBe(true);
    expect(isWritten('m', 'B', 'fit', source)).toBe(false);
  });

  it.each(['f.t', 'fi+t', 'fit(', 'fit[', '(fit', 'a\\', '*'])(
    'is not there for %s, which is the name of no function of it',
    handler => {
      expect(isWritten('n', 'a', handler, source)).toBe(false);
    }
  );
});
