import type { ServerConnection } from '@jupyterlab/services';
import { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';
import type { IEvent, IRunRow } from '../api/documents';
import { RequestError, reasonOf } from '../api/request';
import type { INamedRef } from '../api/schedules';
import type { IMLRunService } from '../tokens';

const QUIET = 300;

/** One object in a tab: read when it is opened, and again when it changes. */
export class ObjectModel<T> implements IDisposable {
  constructor(
    readonly service: IMLRunService,
    readonly ref: INamedRef,
    private _read: (
      settings: ServerConnection.ISettings,
      ref: INamedRef
    ) => Promise<T>,
    private _events: readonly string[],
    /** Which runs change the object, where it hears of runs; all, unless told. */
    private _concerns: (run: IRunRow) => boolean = () => true
  ) {
    service.events.connect(this._onEvent, this);
    service.resync.connect(this._onResync, this);
    void this.reload();
  }

  /** Emitted when the object or the section shown is another. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** The object; undefined until it is here. */
  get value(): T | undefined {
    return this._value;
  }

  /** Why it could not be read, or null. */
  get failure(): string | null {
    return this._failure;
  }

  /** Whether it is not there any more. */
  get isGone(): boolean {
    return this._gone;
  }

  /** A number that grows with each reading. */
  get version(): number {
    return this._version;
  }

  get section(): string {
    return this._section;
  }

  set section(section: string) {
    if (section !== this._section) {
      this._section = section;
      this._changed.emit();
    }
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  /** Read the object again. */
  async reload(): Promise<void> {
    const turn = ++this._turn;
    try {
      const value = await this._read(this.service.settings, this.ref);
      if (turn !== this._turn) {
        return;
      }
      this._value = value;
      this._failure = null;
      this._gone = false;
    } catch (error) {
      if (turn !== this._turn) {
        return;
      }
      this._failure = reasonOf(error);
      this._gone = error instanceof RequestError && error.status === 404;
    }
    this._version += 1;
    if (!this._disposed) {
      this._changed.emit();
    }
  }

  /** Have those who show the object draw it again. */
  touch(): void {
    this._changed.emit();
  }

  /** Do something to the object and read it again; what is refused is told by the caller. */
  async act(action: () => Promise<unknown>): Promise<void> {
    try {
      await action();
    } finally {
      await this.reload();
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
    const { project, name } = this.ref;
    const mine =
      event.kind === 'run'
        ? !event.summary || this._concerns(event.summary)
        : event.name === undefined || event.name === name;
    if (
      this._events.includes(event.kind) &&
      event.project === project &&
      mine
    ) {
      this._timer ??= setTimeout(() => {
        this._timer = undefined;
        void this.reload();
      }, QUIET);
    }
  }

  private _onResync(): void {
    void this.reload();
  }

  private _value: T | undefined;
  private _failure: string | null = null;
  private _gone = false;
  private _version = 0;
  private _turn = 0;
  private _section = '';
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _changed = new Signal<this, void>(this);
  private _disposed = false;
}
