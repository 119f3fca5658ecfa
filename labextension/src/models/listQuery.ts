import { RequestError, reasonOf } from '../api/request';
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
