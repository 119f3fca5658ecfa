import { DisposableSet, IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';
import { IEvent, IRunRef, isTerminal } from '../api/documents';
import {
  ILogLine,
  ILogLines,
  ILogMatch,
  LogLevel,
  readLogLines,
  readNextProblem,
  searchLog
} from '../api/logs';
import { reasonOf } from '../api/request';
import type { IMLRunService } from '../tokens';

const CHUNK = 200;
const KEPT_CHUNKS = 25;
const QUIET = 60;
const MATCH_LIMIT = 1000;
const LEVEL_LIMIT = 10000;
const LEVEL_QUIET = 2000;
// a search of a long log leaves the server this many times its own length of peace
const LEVEL_REST = 5;
const INDEX_QUIET = 400;

// what the server counts as a problem line
const PROBLEM_LINE =
  /Traceback \(most recent call last\)|\b[A-Za-z_.]*(Error|Exception)\b:|\b(ERROR|CRITICAL|FATAL)\b/;

/** How a search is done. */
export interface ISearchOptions {
  regex: boolean;
  case: boolean;
}

/** A search of the whole log: what was asked, its matches, and the one that is shown. */
export interface ISearch extends ISearchOptions {
  q: string;
  matches: ILogMatch[];
  truncated: boolean;
  current: number;
  failure: string | null;
}

/** The lines of a level alone: what the whole log has of them. */
export interface ILevelLines {
  level: LogLevel;
  matches: readonly ILogMatch[];
  truncated: boolean;
  failure: string | null;
}

/** A log of any length: at most 5,000 of its lines are held, the rest is asked for when seen. */
export class LogModel implements IDisposable {
  /** Nothing is asked before `open`. */
  constructor(
    readonly service: IMLRunService,
    readonly ref: IRunRef
  ) {}

  /** Emitted when lines, counts or the search have changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Lines so far. */
  total = 0;
  /** Bytes so far. */
  size = 0;
  /** Bytes whose lines have been counted. */
  indexed = 0;
  /** Lines that tell of a problem. */
  problems = 0;
  /** The line of the first problem, or null. */
  firstError: number | null = null;
  /** The run's state, as far as the log heard of it. */
  state = '';
  /** The first answer is here. */
  loaded = false;
  /** Why the last reading failed, or null. */
  failure: string | null = null;
  /** The search in the bar, or null. */
  search: ISearch | null = null;
  /** The lines that are shown where not all are, or null. */
  filtered: ILevelLines | null = null;

  get isDisposed(): boolean {
    return this._held.isDisposed;
  }

  /** The run may still write. */
  get live(): boolean {
    return this.state !== '' && !isTerminal(this.state);
  }

  /** Read the end of the log and follow it. */
  async open(state = ''): Promise<void> {
    this.state = state;
    this.service.events.connect(this._onEvent, this);
    this.service.resync.connect(() => this._grow(), this);
    this._held.add(this.service.followLog(this.ref));
    await this._read(1, CHUNK);
    if (this.total > CHUNK) {
      await this._fetch(this._chunkOf(this.total));
    }
    if (this.indexed < this.size && !this.isDisposed) {
      this._grow(INDEX_QUIET);
    }
  }

  /** A line by its number, if it is held; what is missing is asked for. */
  line(n: number): ILogLine | undefined {
    const chunk = this._chunkOf(n);
    const held = this._chunks.get(chunk);
    const line = held?.lines[n - chunk * CHUNK - 1];
    // what was read before there was so much is read again
    if (!held || (!line && held.total < this.total)) {
      void this._fetch(chunk);
    }
    return line;
  }

  /** A line by its number, if it is held; nothing is asked for. */
  heldLine(n: number): ILogLine | undefined {
    const chunk = this._chunkOf(n);
    return this._chunks.get(chunk)?.lines[n - chunk * CHUNK - 1];
  }

  /** The last lines that are held, at most `count`. */
  tail(count: number): ILogLine[] {
    const found: ILogLine[] = [];
    for (let n = Math.max(1, this.total - count + 1); n <= this.total; n++) {
      const line = this.line(n);
      if (line) {
        found.push(line);
      }
    }
    return found;
  }

  /**
   * Search the whole log on the server; an empty text ends the search. Tells whether this is
   * still what is searched for: a newer search takes the place of an older one.
   */
  async find(q: string, options: ISearchOptions): Promise<boolean> {
    this._searching?.abort();
    if (q === '') {
      this.search = null;
      this._changed.emit();
      return true;
    }
    const { signal } = (this._searching = new AbortController());
    const search: ISearch = { q, ...options, ...NOTHING_FOUND };
    try {
      const answer = await searchLog(
        this.service.settings,
        this.ref,
        q,
        { ...options, limit: MATCH_LIMIT, level: this.filtered?.level },
        signal
      );
      search.matches = answer.matches;
      search.truncated = answer.truncated;
    } catch (error) {
      search.failure = reasonOf(error);
    }
    // Lab hands an aborted request on as a network error
    if (signal.aborted) {
      return false;
    }
    this.search = search;
    this._changed.emit();
    return true;
  }

  /** Show the lines of a level alone; null shows all. */
  async show(level: LogLevel | null): Promise<void> {
    clearTimeout(this._filtering);
    this._filtering = undefined;
    this.filtered = level && {
      level,
      matches: this.filtered?.level === level ? this.filtered.matches : [],
      truncated: false,
      failure: null
    };
    if (level) {
      await this._filter(level);
    }
    const { search } = this;
    if (search) {
      await this.find(search.q, { regex: search.regex, case: search.case });
    }
    this._changed.emit();
  }

  /** Go to the next match (or back); the line to show, or null without one. */
  step(by: 1 | -1): number | null {
    const { search } = this;
    if (!search?.matches.length) {
      return null;
    }
    const count = search.matches.length;
    search.current = (search.current + by + count) % count;
    this._changed.emit();
    return search.matches[search.current].n;
  }

  /** Whether a line is one of those that are counted as problems. */
  isProblem(text: string): boolean {
    return PROBLEM_LINE.test(text);
  }

  /** The next problem line after a line (or before it), from the other end where none is left. */
  async nextProblem(line: number, by: 1 | -1): Promise<number | null> {
    const { settings } = this.service;
    const found = await readNextProblem(settings, this.ref, line, by);
    const end = by > 0 ? 0 : this.total + 1;
    return found ?? readNextProblem(settings, this.ref, end, by);
  }

  dispose(): void {
    if (!this.isDisposed) {
      this._held.dispose();
      this._searching?.abort();
      clearTimeout(this._timer);
      clearTimeout(this._filtering);
      Signal.clearData(this);
    }
  }

  private _chunkOf(n: number): number {
    return Math.floor((n - 1) / CHUNK);
  }

  private async _fetch(chunk: number): Promise<void> {
    if (!this._asked.has(chunk)) {
      this._asked.add(chunk);
      await this._read(chunk * CHUNK + 1, CHUNK);
      this._asked.delete(chunk);
    }
  }

  private async _read(first: number, count: number): Promise<void> {
    try {
      const answer = await readLogLines(
        this.service.settings,
        this.ref,
        first,
        count
      );
      this._take(answer);
      this.failure = null;
    } catch (error) {
      this.failure = reasonOf(error);
    }
    this.loaded = true;
    if (!this.isDisposed) {
      this._changed.emit();
    }
  }

  private _take(answer: ILogLines): void {
    this.total = Math.max(this.total, answer.total);
    this.size = Math.max(this.size, answer.size);
    this.problems = answer.problems;
    this.firstError = answer.first_error?.line ?? null;
    this.indexed = answer.indexed ?? answer.size;
    const chunk = this._chunkOf(answer.first);
    this._chunks.delete(chunk);
    this._chunks.set(chunk, { lines: answer.lines, total: answer.total });
    if (this.filtered && answer.total > this._filteredAt) {
      this._filterSoon(this.filtered.level);
    }
    for (const held of this._chunks.keys()) {
      if (this._chunks.size <= KEPT_CHUNKS) {
        break;
      }
      this._chunks.delete(held);
    }
  }

  private _onEvent(_: IMLRunService, event: IEvent): void {
    if (event.uid !== this.ref.uid || event.project !== this.ref.project) {
      return;
    }
    if (event.kind === 'log') {
      this._grow();
    } else if (event.kind === 'run' && !event.iter && event.summary) {
      this.state = event.summary.state;
      this._grow();
    }
  }

  private async _filter(level: LogLevel): Promise<void> {
    const found: ILevelLines = {
      level,
      matches: [],
      truncated: false,
      failure: null
    };
    this._filteredAt = this.total;
    const begun = performance.now();
    try {
      const answer = await searchLog(this.service.settings, this.ref, '', {
        level,
        limit: LEVEL_LIMIT
      });
      Object.assign(found, answer);
    } catch (error) {
      found.failure = reasonOf(error);
    }
    this._filterTook = performance.now() - begun;
    if (this.filtered?.level === level && !this.isDisposed) {
      this.filtered = found;
      this._changed.emit();
    }
  }

  private _filterSoon(level: LogLevel): void {
    this._filtering ??= setTimeout(
      async () => {
        const turn = this._filtering;
        await this._filter(level);
        // another choice since then has its own turn
        if (this._filtering !== turn || this.isDisposed) {
          return;
        }
        this._filtering = undefined;
        if (this.total > this._filteredAt) {
          this._filterSoon(level);
        }
      },
      Math.max(LEVEL_QUIET, this._filterTook * LEVEL_REST)
    );
  }

  /** Read on soon; what is written during a reading is read by the next one. */
  private _grow(quiet = QUIET): void {
    this._more = true;
    this._timer ??= setTimeout(async () => {
      while (this._more && !this.isDisposed) {
        this._more = false;
        await this._readEnd();
      }
      this._timer = undefined;
      if (this.indexed < this.size && !this.isDisposed && !this.failure) {
        this._grow(INDEX_QUIET);
      }
    }, quiet);
  }

  /** Read the chunk that the log's end was in, and the one it is in now. */
  private async _readEnd(): Promise<void> {
    const before = this._chunkOf(Math.max(1, this.total));
    await this._read(before * CHUNK + 1, CHUNK);
    const after = this._chunkOf(Math.max(1, this.total));
    if (after > before) {
      await this._read(after * CHUNK + 1, CHUNK);
    }
  }

  private _changed = new Signal<this, void>(this);
  private _chunks = new Map<number, { lines: ILogLine[]; total: number }>();
  private _asked = new Set<number>();
  private _held = new DisposableSet();
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _more = false;
  private _filtering: ReturnType<typeof setTimeout> | undefined;
  private _filteredAt = 0;
  private _filterTook = 0;
  private _searching: AbortController | null = null;
}

const NOTHING_FOUND = {
  matches: [] as ILogMatch[],
  truncated: false,
  current: 0,
  failure: null
};
