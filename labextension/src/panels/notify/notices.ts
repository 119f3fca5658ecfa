import type { IRunRow } from '../../api/documents';

/** Runs that ended close together, told of in one notice. */
export class NoticeGatherer {
  /** `tell` gets the runs that ended within `wait` ms of the first. */
  constructor(
    private _tell: (rows: readonly IRunRow[]) => void,
    private _wait: number
  ) {}

  /** A run has ended. */
  add(row: IRunRow): void {
    this._rows.push(row);
    this._timer ??= setTimeout(() => {
      const rows = this._rows;
      this._rows = [];
      this._timer = undefined;
      this._tell(rows);
    }, this._wait);
  }

  private _rows: IRunRow[] = [];
  private _timer: ReturnType<typeof setTimeout> | undefined;
}

/** Which runs a notice tells of. */
export interface INoticeRules {
  /** Completed runs that took at least so many seconds; failures are always told. */
  longerThan: number;
  /** Whose runs; null for everyone's. */
  owner: string | null;
}

/** Whether the end of a run is worth a notice. */
export function deservesNotice(row: IRunRow, rules: INoticeRules): boolean {
  if (rules.owner !== null && row.owner && row.owner !== rules.owner) {
    return false;
  }
  return row.state === 'completed'
    ? (row.duration ?? 0) >= rules.longerThan
    : row.state === 'error';
}
