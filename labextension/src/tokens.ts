import type { ServerConnection } from '@jupyterlab/services';
import { Token } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import type { Widget } from '@lumino/widgets';
import type { IEvent, IRunRef, IRunRow } from './api/documents';

/** The domain of our translations. */
export const DOMAIN = 'jupyter_mlrun';

/** The plugin whose schema holds our settings, shortcuts and menus. */
export const SETTINGS_ID = 'jupyter-mlrun:plugin';

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
  /** Show a run as it is about to be, before the service says so. */
  suppose(row: IRunRow): void;
  /** Have every list read again. */
  readAgain(): void;
  /** Have `log` events sent for a run until the answer is disposed. */
  followLog(ref: IRunRef): IDisposable;
}

/** The token of the page's line to the service. */
export const IMLRunService = new Token<IMLRunService>(
  'jupyter-mlrun:IMLRunService',
  'The events, known runs and current project of the MLRun service.'
);

/** A section of the panel: its title is the widget's, tools sit in its toolbar. */
export interface IPanelSection {
  readonly widget: Widget;
  /** Where it stands among the sections; lower is higher up. */
  readonly rank: number;
  /** Put the focus on its list. */
  focus(): void;
}

/** The MLRun panel: one place for the lists of all nouns, under one filter. */
export interface IMLRunPanel {
  /** The widget in the sidebar. */
  readonly widget: Widget;
  /** Put a section in its place. */
  addSection(section: IPanelSection): IDisposable;
  /** The filter of all sections. */
  filter: string;
  /** Emitted when the filter is another. */
  readonly filterChanged: ISignal<IMLRunPanel, string>;
  /** Put the cursor into the filter box. */
  focusFilter(): void;
}

/** The token of the MLRun panel. */
export const IMLRunPanel = new Token<IMLRunPanel>(
  'jupyter-mlrun:IMLRunPanel',
  'The MLRun panel, to which sections of further nouns can be added.'
);

/** Deletions that wait for a while, in which they can be taken back. */
export interface IMLRunDeletions {
  /** Emitted when runs are about to be deleted, or not any more. */
  readonly changed: ISignal<IMLRunDeletions, void>;
  /** Whether a run is about to be deleted. */
  has(ref: IRunRef): boolean;
  /** Take the deletion of a run back, with those asked for together with it. */
  undo(ref: IRunRef): void;
}

/** The token of the deletions that wait. */
export const IMLRunDeletions = new Token<IMLRunDeletions>(
  'jupyter-mlrun:IMLRunDeletions',
  'Runs about to be deleted, and the way to take that back.'
);

/** The runs of all projects that are not over, and the failures that nobody has seen. */
export interface IMLRunActive {
  /** Emitted when a run starts, changes or ends, and when the numbers change. */
  readonly changed: ISignal<IMLRunActive, void>;
  /** Emitted with a run that ended while the page watched. */
  readonly ended: ISignal<IMLRunActive, IRunRow>;
  /** The runs, newest first. */
  readonly rows: readonly IRunRow[];
  /** How many there are. */
  readonly running: number;
  /** How many failed since the last look. */
  readonly failed: number;
  /** When somebody last looked (ms since 1970). */
  readonly lookedAt: number;
  /** Failures up to this time are no news. */
  look(at?: number): void;
  /** Read everything anew. */
  refresh(): Promise<void>;
  /** Have those who show the numbers draw them again. */
  touch(): void;
}

/** The token of the runs that are not over. */
export const IMLRunActive = new Token<IMLRunActive>(
  'jupyter-mlrun:IMLRunActive',
  'The MLRun runs that are not over.'
);
