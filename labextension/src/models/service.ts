import type { ServerConnection } from '@jupyterlab/services';
import { DisposableDelegate, IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';
import type { IEvent, IRunRef, IRunRow } from '../api/documents';
import { openSocket, parseMessage } from '../api/events';
import type { Connection, IMLRunService } from '../tokens';

const FIRST_DELAY = 1000;
const LAST_DELAY = 30000;
const KNOWN_ROWS = 5000;

/** The page's one line to the service: one WebSocket, opened again when it is lost. */
export class MLRunService implements IMLRunService, IDisposable {
  /** Nothing is sent before `start`. */
  constructor(readonly settings: ServerConnection.ISettings) {}

  get connection(): Connection {
    return this._connection;
  }

  get connectionChanged(): ISignal<this, Connection> {
    return this._connectionChanged;
  }

  get lostAt(): number | null {
    return this._lostAt;
  }

  get retryAt(): number | null {
    return this._retryAt;
  }

  get events(): ISignal<this, IEvent> {
    return this._events;
  }

  get resync(): ISignal<this, void> {
    return this._resync;
  }

  get project(): string | null {
    return this._project;
  }

  set project(value: string | null) {
    if (value !== this._project) {
      this._project = value;
      this._projectChanged.emit(value);
    }
  }

  get projectChanged(): ISignal<this, string | null> {
    return this._projectChanged;
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  /** Open the socket; calling it again does nothing. */
  start(): void {
    if (!this._socket && this._timer === undefined && !this._disposed) {
      this._open();
    }
  }

  reconnect(): void {
    if (this._connection !== 'connected' && !this._disposed) {
      this._clearTimer();
      this._drop();
      this._open();
    }
  }

  row(project: string, uid: string): IRunRow | undefined {
    return this._rows.get(`${project}/${uid}`);
  }

  remember(rows: readonly IRunRow[]): void {
    for (const row of rows) {
      if (row.iter === 0) {
        const key = `${row.project}/${row.uid}`;
        this._rows.delete(key);
        this._rows.set(key, row);
      }
    }
    for (const key of this._rows.keys()) {
      if (this._rows.size <= KNOWN_ROWS) {
        break;
      }
      this._rows.delete(key);
    }
  }

  suppose(row: IRunRow): void {
    this._take({
      kind: 'run',
      action: 'updated',
      project: row.project,
      uid: row.uid,
      summary: row
    });
  }

  readAgain(): void {
    this._resync.emit();
  }

  followLog(ref: IRunRef): IDisposable {
    const key = `${ref.project}/${ref.uid}`;
    this._logs.set(key, (this._logs.get(key) ?? 0) + 1);
    this._subscribe();
    return new DisposableDelegate(() => {
      const left = (this._logs.get(key) ?? 1) - 1;
      if (left > 0) {
        this._logs.set(key, left);
      } else {
        this._logs.delete(key);
      }
      this._subscribe();
    });
  }

  dispose(): void {
    if (!this._disposed) {
      this._disposed = true;
      this._clearTimer();
      this._drop();
      Signal.clearData(this);
    }
  }

  private _open(): void {
    const socket = openSocket(this.settings, 'lab/socket');
    this._socket = socket;
    this._retryAt = null;
    socket.onopen = () => this._subscribe();
    socket.onmessage = message => this._receive(message.data);
    socket.onclose = () => this._lost();
  }

  private _receive(data: unknown): void {
    const message = parseMessage(data);
    if (message?.type === 'hello') {
      this._delay = FIRST_DELAY;
      this._lostAt = null;
      this._set('connected');
      this._resync.emit();
    } else if (message?.type === 'event') {
      this._take(message.event);
    }
  }

  private _take(event: IEvent): void {
    if (event.kind === 'run' && event.action === 'deleted' && event.uid) {
      this._rows.delete(`${event.project}/${event.uid}`);
    } else if (event.summary) {
      this.remember([event.summary]);
    }
    this._events.emit(event);
  }

  private _lost(): void {
    this._drop();
    this._lostAt ??= Date.now();
    this._retryAt = Date.now() + this._delay;
    this._timer = setTimeout(() => {
      this._timer = undefined;
      this._open();
    }, this._delay);
    // a line that comes back with the first try is no news for the user
    this._set(this._delay === FIRST_DELAY ? 'reconnecting' : 'offline');
    this._delay = Math.min(this._delay * 2, LAST_DELAY);
  }

  private _subscribe(): void {
    if (this._socket?.readyState === this._socket?.OPEN) {
      this._socket?.send(
        JSON.stringify({
          subscribe: { projects: null, logs: [...this._logs.keys()] }
        })
      );
    }
  }

  private _drop(): void {
    const socket = this._socket;
    this._socket = null;
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    }
  }

  private _clearTimer(): void {
    clearTimeout(this._timer);
    this._timer = undefined;
  }

  private _set(connection: Connection): void {
    this._connection = connection;
    this._connectionChanged.emit(connection);
  }

  private _connection: Connection = 'connecting';
  private _connectionChanged = new Signal<this, Connection>(this);
  private _events = new Signal<this, IEvent>(this);
  private _resync = new Signal<this, void>(this);
  private _projectChanged = new Signal<this, string | null>(this);
  private _project: string | null = null;
  private _rows = new Map<string, IRunRow>();
  private _logs = new Map<string, number>();
  private _socket: WebSocket | null = null;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _delay = FIRST_DELAY;
  private _lostAt: number | null = null;
  private _retryAt: number | null = null;
  private _disposed = false;
}
