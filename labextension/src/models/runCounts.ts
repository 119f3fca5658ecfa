import type { IDisposable } from '@lumino/disposable';
import type { IRunPage } from '../api/documents';

const DELAY = 800;

/** How many runs there are, and how many of each state match: counted by events, and by the service where these do not tell. */
export class RunCounts implements IDisposable {
  constructor(private _changed: () => void) {}

  /** Runs of the project, whether they match or not. */
  all = 0;

  /** Runs that match, by state. */
  get byState(): Readonly<Record<string, number>> {
    return this._byState;
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  /** Take the numbers of a page. */
  take({ all, counts }: IRunPage): void {
    this.all = all;
    this._byState = { ...counts };
  }

  /** Count a run of a state more, or less. */
  add(state: string, by: number): void {
    const count = (this._byState[state] ?? 0) + by;
    this._byState = { ...this._byState, [state]: Math.max(0, count) };
  }

  /** Ask the service before long, once for all that comes until then. */
  readSoon(read: () => Promise<IRunPage>): void {
    this._read = read;
    this._timer ??= setTimeout(() => void this._again(), DELAY);
  }

  dispose(): void {
    this._disposed = true;
    clearTimeout(this._timer);
  }

  private async _again(): Promise<void> {
    this._timer = undefined;
    // without an answer the numbers stay; the next page brings them
    const page = await this._read?.().catch(() => null);
    if (page && !this._disposed) {
      this.take(page);
      this._changed();
    }
  }

  private _byState: Record<string, number> = {};
  private _read: (() => Promise<IRunPage>) | undefined;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _disposed = false;
}
