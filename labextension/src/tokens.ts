import type { ServerConnection } from '@jupyterlab/services';
import { Token } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import type { IEvent, IRunRef, IRunRow } from './api/documents';

/** The domain of our translations. */
export const DOMAIN = 'jupyter_mlrun';

/** How the page stands with the service. */
export type Connection =
  'connecting' | 'connected' | 'reconnecting' | 'offline';

/**
 * The page's one line to the service: its events, the rows they carried, and the
 * project that the panel shows.
 */
export interface IMLRunService {
  /** Where and how requests are sent. */
  readonly settings: ServerConnection.ISettings;
  /** How the events socket stands; `offline` means that a try has failed. */
  readonly connection: Connection;
  /** Emitted when the connection changes, and each second of a countdown. */
  readonly connectionChanged: ISignal<IMLRunService, Connection>;
  /** When the connection was lost (ms since 1970), or null. */
  readonly lostAt: number | null;
  /** When the next try happens (ms since 1970), or null. */
  readonly retryAt: number | null;
  /** Try to connect now. */
  reconnect(): void;
  /** What happens in the service, in order. */
  readonly events: ISignal<IMLRunService, IEvent>;
  /** Events may have been missed: whoever holds a list reads it again. */
  readonly resync: ISignal<IMLRunService, void>;
  /** The project that lists show; null is all of them. */
  project: string | null;
  /** Emitted when another project is chosen. */
  readonly projectChanged: ISignal<IMLRunService, string | null>;
  /** The newest row known of a run. */
  row(project: string, uid: string): IRunRow | undefined;
  /** Remember rows that a request brought, so that others see them too. */
  remember(rows: readonly IRunRow[]): void;
  /** Have `log` events sent for a run until the answer is disposed. */
  followLog(ref: IRunRef): IDisposable;
}

/** The token of the page's line to the service. */
export const IMLRunService = new Token<IMLRunService>(
  'jupyter-mlrun:IMLRunService',
  'The events, known runs and current project of the MLRun service.'
);
