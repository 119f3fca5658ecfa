import { isEdited, sha1 } from '../../models/sha1';

describe('sha1', () => {
  it.each([
    ['', 'da39a3ee5e6b4b0d3255bfef95601890afd80709'],
    ['abc', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
    ['a'.repeat(55), 'c1c8bbdc22796e28c0e15163d20899b65621d65a'],
    ['a'.repeat(56), 'c2db330f6083854c99d4b5bfb6e8f29f201be699'],
    ['a'.repeat(64), '0098ba824b5c16427bd7a1122a5a442a25ec644d'],
    ['ж😀'.repeat(999), '578d9c6bee697fca66d476186daf2c25c42bb03d']
  ])('is the SHA-1 of the UTF-8 bytes (%#)', (text, sum) => {
    expect(sha1(text)).toBe(sum);
  });
});

describe('isEdited', () => {
  const source = '%%mlrun train\nx = 1';
  const hash = '6541dd3b02b62fd1c3dfc908c4e479eb67063cfc';

  it('is false for the text that ran and true for any other', () => {
    expect(isEdited(source, hash)).toBe(false);
    expect(isEdited(`${source} `, hash)).toBe(true);
  });

  it('is false where the run does not know its text', () => {
    expect(isEdited(source, null)).toBe(false);
    expect(isEdited(source, '')).toBe(false);
  });
});
