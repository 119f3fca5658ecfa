import { DisposableSet, IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';
import { IRun, IRunRow, isLive, isTerminal } from '../../api/documents';
import { reasonOf } from '../../api/request';
import { rerun } from '../../api/runs';
import {
  IDifferences,
  compareRuns,
  readPreviousRun
} from '../../models/differences';
import { LogModel } from '../../models/log';
import { RunModel } from '../../models/run';
import type { IMLRunService } from '../../tokens';
import { ICard, ICardFacts, factsOf } from './bundle';

/** How a card is drawn: one line, or with everything. */
export type CardForm = 'line' | 'open';

/** What the setting `card` may be. */
export type CardSetting = 'auto' | CardForm;

/** The last completed run of the same function and what has changed since. */
export interface ISince {
  run: IRun;
  differences: IDifferences;
}

/** One card: the run it shows, its log's end, and what was asked of it by its buttons. */
export class CardModel implements IDisposable {
  /** The form is chosen once, from how the run stands now, so that nothing jumps. */
  constructor(
    readonly service: IMLRunService,
    card: ICard,
    setting: CardSetting
  ) {
    this.run = new RunModel(service, card.ref, { row: card.row });
    this._card = card;
    const row = this.row;
    this.bornLive = isLive(row.state) || row.state === 'unknown';
    this.form =
      setting !== 'auto'
        ? setting
        : this.bornLive || row.state === 'error'
          ? 'open'
          : 'line';
    this.run.changed.connect(this._onChanged, this);
    this._held.add(this.run);
    if (this.bornLive && this.form === 'open') {
      this.log = new LogModel(service, card.ref);
      this.log.changed.connect(() => this._changed.emit());
      this._held.add(this.log);
    }
    this.rows = this._countRows();
  }

  readonly run: RunModel;
  readonly log: LogModel | null = null;
  readonly form: CardForm;
  /** The run was going on when the card was first drawn. */
  readonly bornLive: boolean;
  /** Lines that each column has, from the first paint on. */
  readonly rows: number;

  /** Emitted when anything that the card shows has changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Emitted once, when a run that went on has ended and its document is here. */
  get ended(): ISignal<this, IRun> {
    return this._ended;
  }

  get isDisposed(): boolean {
    return this._held.isDisposed;
  }

  get row(): IRunRow {
    return this.run.row ?? this._card.row;
  }

  get facts(): ICardFacts {
    const { doc } = this.run;
    return doc ? factsOf(doc, this._card.facts) : this._card.facts;
  }

  /** The last lines of the log: live, else as they were saved. */
  get tail(): string[] {
    return this.log?.loaded
      ? this.log.tail(4).map(line => line.text)
      : this._card.facts.tail;
  }

  /** What has changed since the last completed run; null until it is known or when there is none. */
  since: ISince | null = null;
  /** The run that the button Rerun has made, or null. */
  again: RunModel | null = null;
  /** Why a button did nothing, or null. */
  failure: string | null = null;

  /** Take what another output of the same run brought. */
  update(card: ICard): void {
    this._card = card;
    this._changed.emit();
  }

  /** Read what the card needs: the run where it may have changed, its log where it is shown. */
  async open(): Promise<void> {
    void this.log?.open(this.row.state);
    if (this.form === 'open' || !isTerminal(this.row.state)) {
      await this.run.refresh();
    }
    await this._compare();
  }

  /** Run the same again; the new run is shown in this card as a link. */
  async rerun(): Promise<void> {
    this.failure = null;
    try {
      const made = await rerun(this.service.settings, this.run.ref);
      const uid = made.metadata.uid ?? '';
      this.again?.dispose();
      this.again = new RunModel(this.service, {
        project: made.metadata.project,
        uid
      });
      this._held.add(this.again);
      this.again.changed.connect(() => this._changed.emit());
      await this.again.refresh();
    } catch (error) {
      this.failure = reasonOf(error);
    }
    this._changed.emit();
  }

  dispose(): void {
    if (!this.isDisposed) {
      this._held.dispose();
      Signal.clearData(this);
    }
  }

  private _countRows(): number {
    const { declared, artifacts, inputs } = this._card.facts;
    const parameters = Object.keys(this.row.parameters).length;
    const results = new Set([
      ...declared,
      ...Object.keys(this.row.results),
      ...artifacts.map(artifact => artifact.key)
    ]).size;
    // a line for what comes undeclared, or for how much it is: what was asked for stays in sight
    const outputs = this.bornLive ? results + 1 : results;
    const most = Math.max(parameters, outputs, Object.keys(inputs).length + 1);
    return Math.min(6, Math.max(3, most));
  }

  private _onChanged(): void {
    const { doc } = this.run;
    if (!this._told && this.bornLive && doc && isTerminal(doc.status.state)) {
      this._told = true;
      this._ended.emit(doc);
      void this._compare();
    }
    this._changed.emit();
  }

  private async _compare(): Promise<void> {
    const { doc } = this.run;
    if (doc?.status.state !== 'error' || this.since) {
      return;
    }
    try {
      const run = await readPreviousRun(this.service.settings, doc, [
        'completed'
      ]);
      this.since = run && { run, differences: compareRuns(doc, run) };
    } catch (error) {
      this.failure = reasonOf(error);
    }
    this._changed.emit();
  }

  private _card: ICard;
  private _held = new DisposableSet();
  private _changed = new Signal<this, void>(this);
  private _ended = new Signal<this, IRun>(this);
  private _told = false;
}
