import { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';
import type { IActivity } from '../api/documents';
import { readActivity } from '../api/runs';
import { parseTime } from '../format';
import { filterWords } from './filter';
import type { RunList } from './runList';

const QUIET = 1500;

/** When the runs of a list started, read again as the list changes. */
export class Activity implements IDisposable {
  constructor(private _list: RunList) {
    _list.changed.connect(this._onList, this);
  }

  /** Emitted when the numbers are others. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** The runs by spans of time; undefined until they are here. */
  get value(): IActivity | undefined {
    return this._value;
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  dispose(): void {
    if (!this._disposed) {
      this._disposed = true;
      clearTimeout(this._timer);
      Signal.disconnectReceiver(this);
      Signal.clearData(this);
    }
  }

  private _onList(): void {
    const { query, counts, service, ready } = this._list;
    const { q, states, notebook } = query;
    const asked = JSON.stringify([q, states, notebook, service.project]);
    const held = JSON.stringify(counts);
    if (!ready || (asked === this._asked && held === this._held)) {
      return;
    }
    const wait = asked === this._asked ? QUIET : 0;
    this._asked = asked;
    this._held = held;
    if (wait === 0) {
      clearTimeout(this._timer);
      this._timer = undefined;
    }
    this._timer ??= setTimeout(() => {
      this._timer = undefined;
      void this._read(asked);
    }, wait);
  }

  private async _read(asked: string): Promise<void> {
    const { service, query } = this._list;
    const { q, states, notebook } = query;
    try {
      const value = await readActivity(service.settings, {
        project: service.project,
        q,
        states,
        notebook: notebook ?? undefined
      });
      if (asked === this._asked && !this._disposed) {
        this._value = value;
        this._changed.emit();
      }
    } catch (reason) {
      // the list says why nothing can be read; the strip keeps what it shows
      console.warn('MLRun: the activity could not be read.', reason);
    }
  }

  private _value: IActivity | undefined;
  private _asked = '';
  private _held = '';
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _changed = new Signal<this, void>(this);
  private _disposed = false;
}

/** Where a span begins (ms since 1970). */
export function spanStart(activity: IActivity, index: number): number {
  return (parseTime(activity.start) ?? 0) + index * (activity.step ?? 0) * 1000;
}

function iso(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

/** A filter that lets through only what started within some spans. */
export function withinSpans(
  q: string,
  activity: IActivity,
  first: number,
  last: number
): string {
  const [from, to] = first <= last ? [first, last] : [last, first];
  const kept = filterWords(q).filter(word => !/^(since|until):/.test(word));
  const until = spanStart(activity, to + 1) - 1000;
  return [
    ...kept,
    `since:${iso(spanStart(activity, from))}`,
    `until:${iso(until)}`
  ].join(' ');
}
