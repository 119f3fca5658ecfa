import { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';
import type { IEvent, IMatching, IRunPage, IRunRow } from '../api/documents';
import { IRunQuery, listRuns } from '../api/runs';
import { parseTime } from '../format';
import type { IMLRunService } from '../tokens';
import { IFilter, matchesFilter, parseFilter } from './filter';
import {
  EVERYTHING,
  failureOf,
  fitsQuery,
  groupingOf,
  IListFailure,
  IListQuery,
  isNewestFirst
} from './listQuery';
import { RunCounts } from './runCounts';
import { IRunGroup, RunGroups } from './runGroups';
import { PAGE, RunWindow } from './runWindow';
import { runKey } from './selection';

const AHEAD = 40;

/** The runs that match a query: read by pages as they are looked at, kept live by events. */
export class RunList implements IDisposable {
  constructor(
    readonly service: IMLRunService,
    query: Partial<IListQuery> = {}
  ) {
    this._query = { ...EVERYTHING, ...query };
    this._filter = parseFilter(this._query.q);
    service.events.connect(this._onEvent, this);
    service.resync.connect(this._onResync, this);
    service.projectChanged.connect(this._onResync, this);
  }

  /** Emitted when anything that is shown has changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** What the list shows. */
  get query(): IListQuery {
    return this._query;
  }

  /** How many runs match. */
  get total(): number {
    return this._window.total;
  }

  /** How many runs of each state match, whatever states are chosen. */
  get counts(): Readonly<Record<string, number>> {
    return this._counts.byState;
  }

  /** How many runs the project has, whether they match or not. */
  get all(): number {
    return Math.max(this._counts.all, this.total);
  }

  /** The group that begins with a row, or undefined. */
  groupAt(index: number): IRunGroup | undefined {
    return this._groups.at(index);
  }

  /** A number that changes when headings have moved. */
  get groupLayout(): number {
    return this._groups.layout;
  }

  /** Whether anything has been read. */
  get ready(): boolean {
    return this._ready;
  }

  /** Whether the first page is on its way. */
  get loading(): boolean {
    return this._loading;
  }

  /** Why the last read failed, or null. */
  get failure(): IListFailure | null {
    return this._failure;
  }

  /** New runs that wait because the list is held. */
  get waiting(): number {
    return this._waiting.size;
  }

  /** A number that changes when rows have moved. */
  get layout(): number {
    return this._layout;
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  /** The row at an index, when it is here. */
  at(index: number): IRunRow | undefined {
    return this._window.at(index);
  }

  /** The rows that are here. */
  loaded(): readonly IRunRow[] {
    return this._window.loaded();
  }

  /** Everything that matches now, to be selected as a whole. */
  matching(): IMatching {
    const { q, states, notebook } = this._query;
    const { project } = this.service;
    const before = new Date(this._knownUpTo + 1).toISOString();
    const count = this.total;
    return { project, q, states, notebook, before, except: [], count };
  }

  /** The index of a run, or -1. */
  find(ref: { project: string; uid: string }): number {
    return this._window.find(ref);
  }

  /** Show something else. A filter that is not understood changes nothing: somebody types. */
  setQuery(change: Partial<IListQuery>): void {
    const query = { ...this._query, ...change };
    const filter = parseFilter(query.q);
    if (!filter.problem) {
      this._query = query;
      this._filter = filter;
      void this.reload();
    }
  }

  /** Nothing may move while it is held: new runs wait. */
  hold(held: boolean): void {
    this._held = held;
    if (!held) {
      this.release();
    }
  }

  /** Let in what waits. */
  release(): void {
    const rows = [...this._waiting.values()];
    this._waiting.clear();
    if (rows.length && !rows.every(row => this._put(row))) {
      void this.reload();
    } else if (rows.length) {
      this._moved();
    }
  }

  /** Lists of a hidden view read nothing; shown again, they read anew if they must. */
  setActive(active: boolean): void {
    this._active = active;
    if (active && (this._stale || !this._ready)) {
      void this.reload();
    }
  }

  /** Read again what is in view; earlier rows stay until the answer is here. */
  async reload(): Promise<void> {
    if (!this._active) {
      this._stale = true;
      return;
    }
    this._stale = false;
    this._loading = true;
    this._abort.abort();
    this._abort = new AbortController();
    this._asked.clear();
    this._changed.emit();
    const last = Math.floor(this._first / PAGE) * PAGE;
    await this._read(last < this.total ? last : 0, true);
  }

  /** See that a range of rows is here, or on its way. */
  ensure(first: number, last: number): void {
    this._first = first;
    for (const offset of this._window.missing(first - AHEAD, last + AHEAD)) {
      if (!this._asked.has(offset)) {
        this._asked.add(offset);
        void this._read(offset, false);
      }
    }
  }

  dispose(): void {
    if (!this._disposed) {
      this._disposed = true;
      this._abort.abort();
      this._counts.dispose();
      Signal.clearData(this);
    }
  }

  private async _read(offset: number, anew: boolean): Promise<void> {
    const { signal } = this._abort;
    const heard = new Map<string, IEvent>();
    this._hearing.add(heard);
    try {
      const grouped = anew || !isNewestFirst(this._query);
      const page = await this._ask({
        sort: this._query.sort,
        group: grouped ? groupingOf(this._query) : undefined,
        offset,
        limit: PAGE,
        signal
      });
      if (signal.aborted) {
        return;
      }
      this._accept(page, offset, anew, heard);
    } catch (error) {
      if (!signal.aborted) {
        this._asked.delete(offset);
        this._failure = failureOf(error);
        this._loading = false;
        this._changed.emit();
      }
    } finally {
      this._hearing.delete(heard);
    }
  }

  private _ask(more: Partial<IRunQuery>): Promise<IRunPage> {
    const { q, states, notebook } = this._query;
    return listRuns(this.service.settings, {
      project: this.service.project,
      q,
      states,
      notebook: notebook ?? undefined,
      ...more
    });
  }

  private _accept(
    page: IRunPage,
    offset: number,
    anew: boolean,
    heard: ReadonlyMap<string, IEvent>
  ): void {
    this.service.remember(page.rows.filter(row => !heard.has(runKey(row))));
    this._know(page.time);
    page.rows.forEach(row => this._know(row.start_time));
    this._failure = null;
    this._loading = false;
    this._ready = true;
    this._counts.take(page);
    if (anew) {
      this._waiting.clear();
      this._groups.reset(page.groups ?? []);
      this._window.reset(page, offset);
    } else {
      this._window.fill(page, offset);
    }
    heard.forEach(event => this._amend(event));
    this._moved();
  }

  /** What was heard of while an answer was on its way is newer than the answer. */
  private _amend({ action, project, uid = '', summary }: IEvent): void {
    const index = this._window.find({ project, uid });
    const row = action === 'deleted' ? null : summary;
    const fits = row && this._fits(row);
    if (index >= 0 && row && (fits || this._held)) {
      this._window.replace(index, row);
    } else if (index >= 0) {
      this._window.remove(index);
      this._groups.removeAt(index);
    } else if (row && fits && this._mustWait) {
      this._waiting.set(runKey(row), row);
    } else if (row && fits) {
      // a place that is not here is on a page that is still to come
      this._put(row);
    }
    this._countAgain();
  }

  private _onEvent(_: IMLRunService, event: IEvent): void {
    const { project } = this.service;
    const elsewhere = project !== null && event.project !== project;
    if (event.kind !== 'run' || elsewhere || !event.uid || (event.iter ?? 0)) {
      return;
    }
    const { uid } = event;
    if (event.action === 'deleted' || event.summary) {
      const key = runKey({ project: event.project, uid });
      this._hearing.forEach(heard => heard.set(key, event));
    }
    if (!this._active || !this._ready) {
      this._stale = true;
    } else if (event.action === 'deleted') {
      this._drop({ project: event.project, uid });
    } else if (event.summary) {
      this._take(event.summary, event.action === 'created');
    }
  }

  private _drop(ref: { project: string; uid: string }): void {
    this._waiting.delete(runKey(ref));
    const index = this._window.find(ref);
    const row = this._window.at(index);
    this._counts.all -= 1;
    if (row) {
      this._window.remove(index);
      this._groups.removeAt(index);
      this._counts.add(row.state, -1);
      this._moved();
    } else {
      this._countAgain();
    }
  }

  private _take(row: IRunRow, created: boolean): void {
    const index = this._window.find(row);
    const old = this._window.at(index);
    const fits = this._fits(row);
    if (old) {
      this._counts.add(old.state, -1);
      this._counts.add(row.state, 1);
      if (fits || this._held) {
        this._window.replace(index, row);
        this._changed.emit();
      } else {
        this._window.remove(index);
        this._groups.removeAt(index);
        this._moved();
      }
      return;
    }
    this._counts.all += created ? 1 : 0;
    if (created && matchesFilter(row, this._filter)) {
      this._counts.add(row.state, 1);
    } else {
      this._countAgain();
    }
    if (fits) {
      this._arrive(row);
    }
  }

  private _arrive(row: IRunRow): void {
    if (this._mustWait) {
      this._waiting.set(runKey(row), row);
      this._changed.emit();
    } else if (this._put(row)) {
      this._moved();
    } else {
      void this.reload();
    }
  }

  /** The service's clock says what the list knows of: the browser's may be late or early. */
  private _know(time: string | null | undefined): void {
    this._knownUpTo = Math.max(this._knownUpTo, parseTime(time) ?? 0);
  }

  private _fits(row: IRunRow): boolean {
    return fitsQuery(this._query, this._filter, row);
  }

  private _put(row: IRunRow): boolean {
    if (this._window.find(row) >= 0) {
      return true;
    }
    this._know(row.start_time);
    if (!isNewestFirst(this._query) || !this._window.insert(row)) {
      return false;
    }
    if (groupingOf(this._query)) {
      this._groups.addDay(row);
    }
    return true;
  }

  private get _mustWait(): boolean {
    return this._held || !isNewestFirst(this._query);
  }

  private _countAgain(): void {
    this._counts.readSoon(() => this._ask({ limit: 1 }));
  }

  private _onResync(): void {
    void this.reload();
  }

  private _moved(): void {
    this._layout += 1;
    this._changed.emit();
  }

  private _query: IListQuery;
  private _filter: IFilter;
  private _window = new RunWindow();
  private _counts = new RunCounts(() => this._changed.emit());
  private _waiting = new Map<string, IRunRow>();
  private _asked = new Set<number>();
  private _hearing = new Set<Map<string, IEvent>>();
  private _changed = new Signal<this, void>(this);
  private _abort = new AbortController();
  private _groups = new RunGroups();
  private _first = 0;
  private _knownUpTo = 0;
  private _layout = 0;
  private _held = false;
  private _active = false;
  private _stale = false;
  private _ready = false;
  private _loading = false;
  private _failure: IListFailure | null = null;
  private _disposed = false;
}
