import { IDisposable } from '@lumino/disposable';
import type { ServerConnection } from '@jupyterlab/services';
import { ISignal, Signal } from '@lumino/signaling';
import type { IEvent } from '../api/documents';
import { RequestError, reasonOf } from '../api/request';
import type { INamedRef } from '../api/schedules';
import type { IMLRunService } from '../tokens';
import { parseFilter, Term } from './filter';
import type { IListFailure } from './runList';

const QUIET = 500;
const QUIET_CLOSED = 5000;

/** What a short list shows of each object, and by what it is filtered. */
export interface INounRow extends INamedRef {
  state: string;
  owner?: string;
  /** The kind, where the noun has kinds. */
  kind?: string;
  labels?: Record<string, string>;
}

/** How the objects of a noun are read, and what events change them. */
export interface INounSource<T> {
  read: (
    settings: ServerConnection.ISettings,
    project: string | null
  ) => Promise<T[]>;
  events: readonly string[];
}

function nameOf({ project, name }: INamedRef): string {
  return `${project}/${name}`;
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

/** The objects of a noun of which there are few: read whole, filtered here, kept live. */
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

  /** All objects of the project shown. */
  get all(): readonly T[] {
    return this._all;
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
  }

  /** The state to which the list is limited, or null. */
  get state(): string | null {
    return this._state;
  }

  set state(state: string | null) {
    this._state = state;
    this._changed.emit();
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

  /** Read again. */
  async reload(): Promise<void> {
    this._stale = false;
    const turn = ++this._turn;
    const { settings, project } = this.service;
    try {
      const all = await this._source.read(settings, project);
      if (turn === this._turn) {
        this._all = all;
        this._failure = null;
        this._ready = true;
      }
    } catch (error) {
      if (turn === this._turn) {
        this._failure = {
          message: reasonOf(error),
          details: error instanceof RequestError ? error.details : ''
        };
      }
    }
    if (!this._disposed) {
      this._changed.emit();
    }
  }

  dispose(): void {
    if (!this._disposed) {
      this._disposed = true;
      clearTimeout(this._timer);
      Signal.clearData(this);
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
      this._active && !document.hidden ? QUIET : QUIET_CLOSED
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
    this._failure = null;
    this._ready = false;
    this._changed.emit();
    void this.reload();
  }

  private _all: readonly T[] = [];
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
