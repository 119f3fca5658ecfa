import { diffOf, isChanged } from '../../components/diff';

describe('diffOf', () => {
  it('numbers lines on both sides', () => {
    expect(diffOf('a\nb\nc', 'a\nB\nc\nd')).toEqual([
      { kind: 'same', from: 1, to: 1, text: 'a' },
      { kind: 'removed', from: 2, to: null, text: 'b' },
      { kind: 'added', from: null, to: 2, text: 'B' },
      { kind: 'same', from: 3, to: 3, text: 'c' },
      { kind: 'added', from: null, to: 4, text: 'd' }
    ]);
  });

  it('leaves out what is far from a change', () => {
    const lines = [...Array(30).keys()].map(String);
    const changed = [...lines];
    changed[20] = 'x';
    const found = diffOf(lines.join('\n'), changed.join('\n'), 2);
    expect(found[0]).toEqual({ kind: 'gap', from: null, to: null, text: '⋯' });
    expect(found.map(line => line.text)).toEqual([
      '⋯',
      '18',
      '19',
      '20',
      'x',
      '21',
      '22'
    ]);
  });

  it('has nothing to say of equal texts', () => {
    expect(diffOf('a\nb', 'a\nb\n')).toEqual([]);
    expect(isChanged('a\nb', 'a\nb\n')).toBe(false);
    expect(isChanged('', 'a')).toBe(true);
  });
});
