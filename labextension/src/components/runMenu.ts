import type { ReadonlyJSONObject } from '@lumino/coreutils';
import { IRunRow, isLive } from '../api/documents';
import { CommandIDs } from '../commands';
import type { Selection } from '../models/selection';
import type { MenuEntry } from './menu';

/** The arguments of a command about what is selected: the runs, or the filter that they match. */
export function selectionArgs(selection: Selection): ReadonlyJSONObject {
  const { matching, rows } = selection;
  return matching
    ? { matching: { ...matching } }
    : { runs: rows.map(({ project, uid }) => ({ project, uid })) };
}

/** The menu of a run, wherever a run is listed. */
export function runMenu(row: IRunRow): MenuEntry[] {
  const args = { project: row.project, uid: row.uid };
  return [
    { command: CommandIDs.openRun, args },
    { command: CommandIDs.openLog, args },
    { command: CommandIDs.goToCell, args },
    'separator',
    isLive(row.state)
      ? { command: CommandIDs.stopRun, args }
      : { command: CommandIDs.rerun, args },
    { command: CommandIDs.editAndRerun, args },
    { command: CommandIDs.scheduleRun, args },
    { command: CommandIDs.comparePrevious, args },
    'separator',
    { command: CommandIDs.editLabels, args },
    { command: CommandIDs.copyRunId, args },
    { command: CommandIDs.copyLine, args },
    { command: CommandIDs.exportRun, args },
    { command: CommandIDs.deleteRun, args }
  ];
}
