import type { IRunRow } from '../api/documents';
import { RequestError, reasonOf } from '../api/request';
import { IFilter, matchesFilter } from './filter';
import type { GroupBy } from './runGroups';

/** Newest first: the order in which a new run's place is known. */
export const NEWEST = '-start_time';

/** What a list of runs shows. */
export interface IListQuery {
  q: string;
  states: readonly string[];
  /** Only runs of this notebook. */
  notebook: string | null;
  /** Columns, with a `-` before those that descend: `-results.accuracy,name`. */
  sort: string;
  group: GroupBy;
}

/** All runs, newest first. */
export const EVERYTHING: IListQuery = {
  q: '',
  states: [],
  notebook: null,
  sort: NEWEST,
  group: 'none'
};

/** What the service is asked to group by, which gives no headings of days but to the newest. */
export function groupingOf({ group, sort }: IListQuery): GroupBy | undefined {
  const hasNone = group === 'none' || (group === 'day' && sort !== NEWEST);
  return hasNone ? undefined : group;
}

/** Whether the runs lie by their start alone, so that the place of a new one is known. */
export function isNewestFirst(query: IListQuery): boolean {
  const grouping = groupingOf(query);
  return query.sort === NEWEST && (!grouping || grouping === 'day');
}

/** Whether a run is what is asked for; the filter is the parsed `q`. */
export function fitsQuery(
  { states, notebook }: IListQuery,
  filter: IFilter,
  row: IRunRow
): boolean {
  return (
    (!states.length || states.includes(row.state)) &&
    (notebook === null || row.notebook === notebook) &&
    matchesFilter(row, filter)
  );
}

/** Why a list could not be read. */
export interface IListFailure {
  message: string;
  details: string;
}

/** Why a list could not be read, with what the service itself said. */
export function failureOf(error: unknown): IListFailure {
  return {
    message: reasonOf(error),
    details: error instanceof RequestError ? error.details : ''
  };
}
