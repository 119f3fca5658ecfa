import { ReactWidget } from '@jupyterlab/apputils';
import type { Cell } from '@jupyterlab/cells';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { IRunRow, isLive } from '../../api/documents';
import { useNow } from '../../components/clock';
import { StateIcon, stateWord } from '../../components/stateIcon';
import { TranslationProvider, useTrans } from '../../components/translation';
import {
  formatDuration,
  formatElapsed,
  formatSpoken,
  parseTime
} from '../../format';
import { isEdited } from '../../models/sha1';

/** The state of a cell's last run below its prompt; a button that opens the run. */
export class CellBadge extends ReactWidget {
  constructor(
    readonly cell: Cell,
    private _row: IRunRow,
    private _trans: TranslationBundle,
    private _open: (row: IRunRow) => void
  ) {
    super();
    this.addClass('jp-mlrun-badgeHost');
    cell.model.contentChanged.connect(this._judge, this);
    this._judge();
  }

  get row(): IRunRow {
    return this._row;
  }

  /** The run that is shown. */
  set row(row: IRunRow) {
    this._row = row;
    this._judge();
    this.update();
  }

  dispose(): void {
    if (!this.isDisposed) {
      this.cell.model?.contentChanged.disconnect(this._judge, this);
      super.dispose();
    }
  }

  protected render() {
    return (
      <TranslationProvider value={this._trans}>
        <Badge
          row={this._row}
          edited={this._edited}
          onOpen={() => this._open(this._row)}
        />
      </TranslationProvider>
    );
  }

  private _judge(): void {
    const source = this.cell.model.sharedModel.getSource();
    const edited = isEdited(source, this._row.cell_hash);
    if (edited !== this._edited) {
      this._edited = edited;
      this.update();
    }
  }

  private _edited = false;
}

function Badge(props: { row: IRunRow; edited: boolean; onOpen: () => void }) {
  const trans = useTrans();
  const { row, edited } = props;
  const live = isLive(row.state);
  const now = useNow(live);
  const start = parseTime(row.start_time);
  const time = live
    ? start === null
      ? ''
      : formatElapsed((now - start) / 1000)
    : row.duration === null
      ? ''
      : formatDuration(row.duration);
  const title = titleOf(row, edited, time, now, trans);
  return (
    <button
      type="button"
      className="jp-mlrun-badge"
      title={title}
      aria-label={title}
      data-state={row.state}
      data-edited={edited}
      onClick={props.onOpen}
    >
      <StateIcon state={row.state} size={13} decorative />
      <span>{edited && !live ? trans.__('edited') : time}</span>
    </button>
  );
}

function titleOf(
  row: IRunRow,
  edited: boolean,
  time: string,
  now: number,
  trans: TranslationBundle
): string {
  const word = stateWord(row.state, trans);
  const ended = parseTime(row.end_time ?? row.last_update);
  const said =
    isLive(row.state) || ended === null
      ? trans.__('Last run: %1, %2 %3', row.name, word, time)
      : trans.__(
          'Last run: %1, %2 in %3, %4',
          row.name,
          word,
          time,
          formatSpoken(ended, now)
        );
  return edited ? trans.__('%1. The cell changed since this run.', said) : said;
}
