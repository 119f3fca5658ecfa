import { placesIn } from '../../components/logPlaces';
import { pathBelow, rootsOf } from '../../panels/cell/goToPlace';

describe('placesIn', () => {
  it.each([
    ['  File "/home/ana/x.py", line 3, in f', '/home/ana/x.py', 3],
    ['  File "<cell train>", line 4, in <module>', '<cell train>', 4],
    ['  File "<cell [3]>", line 12', '<cell [3]>', 12],
    ['work/a.py:12: UserWarning: odd', 'work/a.py', 12],
    ['see (lib/b.py:7)', 'lib/b.py', 7]
  ])('finds the place in %s', (text, file, line) => {
    const [place, ...more] = placesIn(text);
    expect(more).toEqual([]);
    expect(place).toMatchObject({ file, line });
    expect(text.slice(place.start, place.end)).toMatch(new RegExp(`${line}$`));
  });

  it.each(['', 'line 3', 'File x.py, line 3', '10:41:58 done', 'a.py: 3'])(
    'finds none in %j',
    text => expect(placesIn(text)).toEqual([])
  );

  it('does not take long for a long line', () => {
    expect(placesIn('a/'.repeat(40000))).toEqual([]);
  });
});

describe('pathBelow', () => {
  it.each([
    ['/root/nb', '/root/nb/lib/x.py', '/w', 'lib/x.py'],
    ['/root/nb/', 'x.py', '/root/nb/sub', 'sub/x.py'],
    ['/root/nb', '../x.py', '/root/nb/sub', 'x.py'],
    ['/root/nb', '/root/nb/../secret.py', '/w', null],
    ['/root/nb', '/root/nbx/x.py', '/w', null],
    ['/root/nb', '../../x.py', '/root/nb/sub', null],
    ['/', '/usr/x.py', '/w', 'usr/x.py']
  ])('below %s, %s of %s is %s', (root, file, folder, path) => {
    expect(pathBelow(root, file, folder)).toBe(path);
  });
});

describe('rootsOf', () => {
  it.each([
    ['/srv', 'a/b/x.ipynb', '/srv/nb/a/b', ['/srv/nb/', '/srv']],
    ['~/nb', 'x.ipynb', '/home/ana/nb', ['/home/ana/nb', '/home/ana/nb']],
    ['~/nb', 'a/x.ipynb', '/data/other', []],
    ['~', '', '/root/w', ['/root']]
  ])('%s, %s, %s: %j', (said, notebook, folder, roots) => {
    expect(rootsOf(said, notebook, folder)).toEqual(roots);
  });
});
