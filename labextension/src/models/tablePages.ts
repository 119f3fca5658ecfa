import type { Json } from '../api/documents';

/** Bytes of a file from `first` up to but without `end`; fewer at the file's end. */
export type ReadRange = (first: number, end: number) => Promise<ArrayBuffer>;

/** The rows of a stored table, a page at a time, read where the table lies. */
export interface ITablePages {
  /** How many rows there are; null until that is known. */
  readonly total: number | null;
  /** Rows from `first` on, at most `count`, each with the values of the columns asked for. */
  read(first: number, count: number): Promise<Json[][]>;
}

/** What pages are read of. */
export interface ITableFile {
  read: ReadRange;
  size: number;
  /** The columns that are shown, in order. */
  header: readonly string[];
  length: number | null;
}

const STEP = 1 << 20;
const LARGEST_PAGE = 32 << 20;
const MARK_ROWS = 100;
const INDEX = /^__index_level_\d+__$/;

/** A value of a stored table as JSON can say it. */
export function plainValue(value: unknown): Json {
  if (typeof value === 'bigint') {
    return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  }
  if (value === undefined || value === null) {
    return null;
  }
  if (value instanceof Date) {
    return Number.isNaN(value.getTime())
      ? null
      : value
          .toISOString()
          .replace('T', ' ')
          .replace(/(\.000)?Z$/, '');
  }
  if (value instanceof Uint8Array) {
    return `0x${[...value.subarray(0, 32)].map(byte => byte.toString(16).padStart(2, '0')).join('')}`;
  }
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    return Array.from(value as ArrayLike<unknown>, plainValue);
  }
  if (typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, plainValue(item)])
    );
  }
  return typeof value === 'number' && !Number.isFinite(value)
    ? String(value).toLowerCase().replace('infinity', 'inf')
    : (value as Json);
}

/** The pages of a Parquet file: its end is read first, then the columns of the rows asked for. */
export async function openParquet(file: ITableFile): Promise<ITablePages> {
  const [
    { cachedAsyncBuffer, parquetMetadataAsync, parquetReadObjects },
    more
  ] = await Promise.all([import('hyparquet'), import('hyparquet-compressors')]);
  const { compressors } = more;
  const buffer = cachedAsyncBuffer({
    byteLength: file.size,
    slice: (first: number, end: number = file.size) => file.read(first, end)
  });
  const metadata = await parquetMetadataAsync(buffer);
  const stored = topLevel(metadata.schema);
  const unnamed = stored.filter(name => INDEX.test(name));
  const columns = file.header.map(name =>
    stored.includes(name) ? name : (unnamed.shift() ?? name)
  );
  const known = columns.filter(name => stored.includes(name));
  return {
    total: Number(metadata.num_rows),
    read: async (first, count) => {
      const total = Number(metadata.num_rows);
      const rows = await parquetReadObjects({
        file: buffer,
        metadata,
        // the format's most common codec is in the reader itself, without WebAssembly
        compressors: { ...compressors, SNAPPY: undefined },
        columns: known,
        rowStart: first,
        rowEnd: Math.min(first + count, total)
      });
      return rows.map(row => columns.map(name => plainValue(row[name])));
    }
  };
}

/** The names of the columns, nested ones by the name of the whole. */
function topLevel(
  schema: readonly { name: string; num_children?: number }[]
): string[] {
  const found: string[] = [];
  let at = 1;
  const skip = () => {
    const { num_children = 0 } = schema[at];
    at += 1;
    for (let child = 0; child < num_children; child += 1) {
      skip();
    }
  };
  while (at < schema.length) {
    found.push(schema[at].name);
    skip();
  }
  return found;
}

/** The records of a text with commas: quotes keep commas, line breaks and doubled quotes. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = '';
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (quoted) {
      if (char !== '"') {
        field += char;
      } else if (text[at + 1] === '"') {
        field += '"';
        at += 1;
      } else {
        quoted = false;
      }
    } else if (char === '"') {
      quoted = true;
    } else if (char === ',') {
      row.push(field);
      field = '';
    } else if (char === '\n') {
      rows.push([...row, field.replace(/\r$/, '')]);
      row = [];
      field = '';
    } else {
      field += char;
    }
  }
  return field || row.length ? [...rows, [...row, field]] : rows;
}

/** The pages of a CSV file: read forward once, with a mark at every hundredth row to come back to. */
export class CsvPages implements ITablePages {
  constructor(private _file: ITableFile) {
    this.total = _file.length;
  }

  total: number | null;

  async read(first: number, count: number): Promise<Json[][]> {
    const from = Math.floor(first / MARK_ROWS);
    const to = Math.ceil((first + count) / MARK_ROWS);
    await this._scan(to);
    const begin = this._marks[from];
    if (begin === undefined) {
      return [];
    }
    const end = this._marks[to] ?? this._at;
    if (end - begin > LARGEST_PAGE) {
      throw new RangeError(
        `rows ${first} to ${first + count} hold ${end - begin} bytes`
      );
    }
    const bytes = await this._range(begin, end);
    const rows = parseCsv(new TextDecoder().decode(bytes));
    const start = first - from * MARK_ROWS;
    return rows.slice(start, start + count).map(row => this._values(row));
  }

  private _values(row: readonly string[]): Json[] {
    const { header } = this._file;
    return header.map((_, column) => {
      const text = row[column] ?? '';
      const number = Number(text);
      return text === ''
        ? null
        : NUMBER.test(text) && isExact(number)
          ? number
          : text;
    });
  }

  /** Read on until the begin of a page is known, or the file has ended. */
  private async _scan(page: number): Promise<void> {
    while (this._marks.length <= page && this._at < this._file.size) {
      const bytes = new Uint8Array(
        await this._range(this._at, this._at + STEP)
      );
      if (bytes.length === 0) {
        break;
      }
      this._take(bytes);
    }
    if (this._at >= this._file.size) {
      const open = this._begun ? 1 : 0;
      this.total = Math.max(0, this._rows + open);
    }
  }

  private _take(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += 1) {
      const byte = bytes[at];
      this._begun = true;
      if (byte === QUOTE) {
        this._quoted = !this._quoted;
      } else if (byte === BREAK && !this._quoted) {
        // the first one ends the header
        this._rows += 1;
        this._begun = false;
        if (this._rows % MARK_ROWS === 0) {
          this._marks.push(this._at + at + 1);
        }
      }
    }
    this._at += bytes.length;
  }

  private _range(first: number, end: number): Promise<ArrayBuffer> {
    return this._file.read(first, Math.min(end, this._file.size));
  }

  private _marks: number[] = [];
  private _at = 0;
  private _rows = -1;
  private _begun = false;
  private _quoted = false;
}

function isExact(number: number): boolean {
  return (
    Number.isFinite(number) &&
    (!Number.isInteger(number) || Math.abs(number) <= Number.MAX_SAFE_INTEGER)
  );
}

// an id of twenty digits, 007 and 0x1f stay the text they are
const NUMBER = /^[-+]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?$/i;
const QUOTE = 0x22;
const BREAK = 0x0a;
