import { IDisposable } from '@lumino/disposable';
import type { ServerConnection } from '@jupyterlab/services';
import { ISignal, Signal } from '@lumino/signaling';
import type { IEvent } from '../api/documents';
import type { INamedRef } from '../api/schedules';
import type { IMLRunService } from '../tokens';
import { parseFilter, Term } from './filter';
import { failureOf, IListFailure } from './listQuery';

const QUIET = 500;
const QUIET_CLOSED = 5000;
/** As many rows as a page holds, where a noun comes in pages. */
export const PAGE_ROWS = 1000;
/** With so many that match, a filter looks no further before somebody scrolls. */
const ENOUGH = 200;

/** What a short list shows of each object, and by what it is filtered. */
export interface INounRow extends INamedRef {
  state: string;
  owner?: string;
  /** The kind, where the noun has kinds. */
  kind?: string;
  labels?: Record<string, string>;
}

/** A page of a noun that is asked for. */
export interface INounQuestion {
  /** A part of the name, or empty. */
  name: string;
  /** What the page before said, or empty for the first. */
  token: string;
  size: number;
}

/** Rows of a noun, and what the next of them are asked for with; empty after the last. */
export interface INounPage<T> {
  rows: T[];
  token: string;
}

/** How the objects of a noun are read, and what events change them. */
export interface INounSource<T> {
  read: (
    settings: ServerConnection.ISettings,
    project: string | null,
    question: INounQuestion
  ) => Promise<T[] | INounPage<T>>;
  /** How many there are, where they come in pages. */
  count?: (
    settings: ServerConnection.ISettings,
    project: string | null
  ) => Promise<number>;
  events: readonly string[];
}

function nameOf({ project, name }: INamedRef): string {
  return `${project}/${name}`;
}

/** Each object once: pages may overlap, and a version has an entry for each of its tags. */
function distinct<T extends INamedRef>(rows: readonly T[]): T[] {
  const found = new Map<string, T>();
  for (const row of rows) {
    if (!found.has(nameOf(row))) {
      found.set(nameOf(row), row);
    }
  }
  return [...found.values()];
}

function includes(text: string | undefined, part: string): boolean {
  return (text ?? '').toLowerCase().includes(part.toLowerCase());
}

function passes(row: INounRow, term: Term): boolean {
  if (term.type === 'word') {
    return includes(row.name, term.text);
  }
  if (term.type === 'compare') {
    return false;
  }
  const { key, value } = term;
  switch (key) {
    case 'name':
    case 'project':
    case 'owner':
    case 'kind':
      return includes(row[key], value.replace(/^~/, ''));
    case 'state':
      return value.split(',').includes(row.state);
    case 'label': {
      const [name, wanted] = value.split('=');
      const held = row.labels?.[name];
      return held !== undefined && (wanted === undefined || held === wanted);
    }
    default:
      return false;
  }
}

/** The objects of a noun: read whole or by pages as they are looked at, filtered, kept live. */
export class NounList<T extends INounRow> implements IDisposable {
  constructor(
    readonly service: IMLRunService,
    private _source: INounSource<T>
  ) {
    service.events.connect(this._onEvent, this);
    service.resync.connect(this._onResync, this);
    service.projectChanged.connect(this._onProject, this);
  }

  /** Emitted when anything that is shown has changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** The objects of the project shown that are here. */
  get all(): readonly T[] {
    return this._all;
  }

  /** How many the project has, whether they are here or not. */
  get total(): number {
    return this.isWhole && !this._name ? this._all.length : this._total;
  }

  /** Whether nothing more can be read of what is asked for. */
  get isWhole(): boolean {
    return this._token === '';
  }

  /** Those that pass the filter and the chosen state. */
  get rows(): readonly T[] {
    const { terms } = parseFilter(this._q);
    return this._all.filter(
      row =>
        !this._leaving.has(nameOf(row)) &&
        (this._state === null || row.state === this._state) &&
        terms.every(term => passes(row, term))
    );
  }

  /** Leave an object out while its deletion can be taken back. */
  setLeaving(ref: INamedRef, leaving: boolean): void {
    if (leaving) {
      this._leaving.add(nameOf(ref));
    } else {
      this._leaving.delete(nameOf(ref));
    }
    this._changed.emit();
  }

  get filter(): string {
    return this._q;
  }

  set filter(q: string) {
    this._q = q;
    this._changed.emit();
    this._narrow();
  }

  /** The state to which the list is limited, or null. */
  get state(): string | null {
    return this._state;
  }

  set state(state: string | null) {
    this._state = state;
    this._changed.emit();
    this._narrow();
  }

  /** Whether anything has been read. */
  get ready(): boolean {
    return this._ready;
  }

  /** Why the last read failed, or null. */
  get failure(): IListFailure | null {
    return this._failure;
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  /** Shown again, a list reads what it missed; hidden, it follows slowly for its number. */
  setActive(active: boolean): void {
    this._active = active;
    if (active && (this._stale || !this._ready)) {
      void this.reload();
    }
  }

  /** Read again, as much as is here. */
  async reload(): Promise<void> {
    this._stale = false;
    const turn = ++this._turn;
    this._reloading = true;
    const name = this._wordsHere ? this._word : '';
    // a page on its way is overtaken, so it is asked for here
    const coming = this._reading ? 1 : 0;
    const pages = Math.ceil(this._all.length / PAGE_ROWS) + coming;
    const size = Math.max(1, name === this._name ? pages : 1) * PAGE_ROWS;
    await this._take(turn, async () => {
      const page = await this._read({ name, token: '', size });
      const total = await this._count(page, name);
      return () => {
        this._all = page.rows;
        this._token = page.token;
        this._name = name;
        this._total = total;
        this._ready = true;
      };
    });
    if (turn === this._turn) {
      this._reloading = false;
      this._goOn();
    }
    this._narrow();
  }

  /** Read the next page, where there is one and it is not on its way. */
  async more(): Promise<void> {
    const { _token: token, _name: name } = this;
    if (this._reloading) {
      this._wanted = true;
    } else if (token && !this._reading) {
      this._reading = true;
      await this._take(this._turn, async () => {
        const page = await this._read({ name, token, size: PAGE_ROWS });
        return () => {
          this._all = distinct([...this._all, ...page.rows]);
          this._token = page.token;
        };
      });
      this._reading = false;
      this._narrow();
    }
  }

  dispose(): void {
    if (!this._disposed) {
      this._disposed = true;
      clearTimeout(this._timer);
      Signal.clearData(this);
    }
  }

  /** Read the page that was asked for while the list was read again. */
  private _goOn(): void {
    const wanted = this._wanted && !this._failure;
    this._wanted = false;
    if (wanted) {
      void this.more();
    }
  }

  /** Let an answer in that nobody has overtaken, or say why there is none. */
  private async _take(
    turn: number,
    read: () => Promise<() => void>
  ): Promise<void> {
    try {
      const accept = await read();
      if (turn === this._turn) {
        accept();
        this._failure = null;
      }
    } catch (error) {
      if (turn === this._turn) {
        this._failure = failureOf(error);
      }
    }
    if (!this._disposed) {
      this._changed.emit();
    }
  }

  private async _read(question: INounQuestion): Promise<INounPage<T>> {
    const { settings, project } = this.service;
    const read = await this._source.read(settings, project, question);
    return Array.isArray(read)
      ? { rows: read, token: '' }
      : { rows: distinct(read.rows), token: read.token };
  }

  private async _count(page: INounPage<T>, name: string): Promise<number> {
    const { settings, project } = this.service;
    const isAll = page.token === '' && name === '';
    return isAll || !this._source.count
      ? page.rows.length
      : this._source.count(settings, project);
  }

  /** The first word of the filter, by which the service can look for names. */
  private get _word(): string {
    const [word] = parseFilter(this._q).terms.filter(
      term => term.type === 'word'
    );
    return word?.type === 'word' ? word.text : '';
  }

  /** Whether what matches may lie on pages that are not here. */
  private get _wordsHere(): boolean {
    return this._name !== '' || !this.isWhole;
  }

  /** Look for what matches on pages that are not here. */
  private _narrow(): void {
    if (this._disposed || !this._ready || this._failure) {
      return;
    }
    if (this._wordsHere && this._word !== this._name) {
      void this.reload();
    } else if (
      (this._state !== null || this._q !== '') &&
      this.rows.length < ENOUGH
    ) {
      void this.more();
    }
  }

  private _onEvent(_: IMLRunService, event: IEvent): void {
    const { project } = this.service;
    if (
      !this._source.events.includes(event.kind) ||
      (project !== null && event.project !== project)
    ) {
      return;
    }
    // a closed section still speaks: its number follows, without haste, as in a hidden page
    this._timer ??= setTimeout(
      () => {
        this._timer = undefined;
        void this.reload();
      },
      this._active && !document.hidden && this._all.length <= PAGE_ROWS
        ? QUIET
        : QUIET_CLOSED
    );
  }

  private _onResync(): void {
    if (this._active || !this._ready) {
      void this.reload();
    } else {
      this._stale = true;
    }
  }

  /** What belongs to another project is not shown, not even by its number. */
  private _onProject(): void {
    this._all = [];
    this._token = this._name = '';
    this._failure = null;
    this._ready = this._wanted = false;
    this._changed.emit();
    void this.reload();
  }

  private _all: readonly T[] = [];
  private _token = '';
  private _name = '';
  private _total = 0;
  private _reading = false;
  private _reloading = false;
  private _wanted = false;
  private _leaving = new Set<string>();
  private _q = '';
  private _state: string | null = null;
  private _active = false;
  private _stale = false;
  private _ready = false;
  private _turn = 0;
  private _failure: IListFailure | null = null;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _changed = new Signal<this, void>(this);
  private _disposed = false;
}
