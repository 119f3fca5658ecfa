import {
  CsvPages,
  ITableFile,
  openParquet,
  parseCsv
} from '../../models/tablePages';
import { PEOPLE } from './people';

function people(codec: string): Uint8Array {
  return Uint8Array.from(atob(PEOPLE[codec]), char => char.charCodeAt(0));
}

function fileOf(
  bytes: Uint8Array,
  header: string[],
  length: number | null = null
): ITableFile & { asked: [number, number][] } {
  const asked: [number, number][] = [];
  return {
    asked,
    header,
    length,
    size: bytes.length,
    read: async (first, end) => {
      asked.push([first, end]);
      return new Uint8Array(bytes.slice(first, end)).buffer;
    }
  };
}

describe('openParquet', () => {
  const header = ['index', 'name', 'score', 'when', 'tags', 'kind'];

  it.each(['snappy', 'zstd', 'gzip'])('reads pages of %s', async codec => {
    const pages = await openParquet(fileOf(people(codec), header, 30));
    expect(pages.total).toBe(30);
    const [first, second] = await pages.read(15, 10);
    expect(first).toEqual([
      'r15',
      'Zoë 15',
      null,
      '2026-01-01 15:00:00',
      ['15', 'x'],
      'b'
    ]);
    expect(second[2]).toBeCloseTo(16 / 7);
    expect(await pages.read(15, 10)).toHaveLength(10);
    expect(await pages.read(25, 100)).toHaveLength(5);
  });

  it('says numbers exactly that JSON cannot hold', async () => {
    const pages = await openParquet(
      fileOf(people('snappy'), ['index', 'big', 'none'])
    );
    expect(await pages.read(1, 1)).toEqual([
      ['r1', '1152921504606846977', null]
    ]);
  });

  it('refuses what is no Parquet file', async () => {
    const file = fileOf(new TextEncoder().encode('a,b\n1,2\n'.repeat(9)), []);
    await expect(openParquet(file)).rejects.toThrow(/parquet/i);
  });
});

describe('CsvPages', () => {
  const make = (rows: number, ending = '\n') => {
    const lines = [...Array(rows).keys()].map(
      n => `${n},"two\nlines, ""quoted"" ${n}",${'x'.repeat(40)},0${n}`
    );
    const text = ['n,words,pad,code', ...lines].join('\n') + ending;
    const bytes = new TextEncoder().encode(text);
    return fileOf(bytes, ['n', 'words', 'pad', 'code']);
  };

  it('goes forward and comes back, and reads what it needs', async () => {
    const file = make(60000);
    const pages = new CsvPages(file);
    const [row] = await pages.read(20, 100);
    expect(row).toEqual([20, 'two\nlines, "quoted" 20', 'x'.repeat(40), '020']);
    expect(pages.total).toBeNull();
    expect(Math.max(...file.asked.map(([, end]) => end))).toBeLessThan(1.1e6);
    expect((await pages.read(59990, 100)).map(row => row[0])).toEqual(
      [...Array(10).keys()].map(n => 59990 + n)
    );
    expect(pages.total).toBe(60000);
    const before = file.asked.length;
    expect((await pages.read(30000, 2)).map(row => row[0])).toEqual([
      30000, 30001
    ]);
    const [[first, end]] = file.asked.slice(before);
    expect(file.asked).toHaveLength(before + 1);
    expect(end - first).toBeLessThan(20000);
  });

  it.each(['\n', ''])('counts the last row with the end %j', async ending => {
    const pages = new CsvPages(make(100, ending));
    expect(await pages.read(99, 5)).toHaveLength(1);
    expect(pages.total).toBe(100);
    expect(await pages.read(200, 5)).toEqual([]);
  });

  it('knows a table without rows', async () => {
    const pages = new CsvPages(make(0));
    expect(await pages.read(0, 100)).toEqual([]);
    expect(pages.total).toBe(0);
  });
});

describe('parseCsv', () => {
  it.each([
    [
      'a,b\n1,2\n',
      [
        ['a', 'b'],
        ['1', '2']
      ]
    ],
    [
      'a,b\r\n1,\r\n',
      [
        ['a', 'b'],
        ['1', '']
      ]
    ],
    ['"a ""b""",c', [['a "b"', 'c']]],
    ['', []]
  ])('reads %j', (text, rows) => expect(parseCsv(text)).toEqual(rows));
});
