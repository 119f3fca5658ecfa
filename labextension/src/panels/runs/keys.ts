import type React from 'react';
import { IRunRow, isLive } from '../../api/documents';
import { CommandIDs } from '../../commands';
import { selectionArgs } from '../../components/runMenu';
import type { ISectionOptions } from './options';

/** Change the selection by a line of the list. */
export function select(
  { list, expanded, selection }: ISectionOptions,
  line: number,
  how: 'only' | 'toggle' | 'extend' | 'all'
): void {
  const row = expanded.at(line);
  const { index } = expanded.placeOf(line);
  if (how === 'all') {
    const loaded = list.loaded();
    if (loaded.length < list.total) {
      selection.setMatching(list.matching());
    } else {
      selection.set(loaded);
    }
  } else if (how === 'extend') {
    selection.extend(index, at => list.at(at));
  } else if (row && !row.iter && how === 'toggle') {
    selection.toggle(row, index);
  } else if (row && !row.iter) {
    selection.set([row], index);
  }
}

/** What a key does to a run, or to all that are selected; whether it did anything. */
export function rowKey(
  event: React.KeyboardEvent,
  row: IRunRow,
  props: ISectionOptions,
  run: (command: string, row: IRunRow, more?: object) => void
): boolean {
  const { selection, commands } = props;
  const several = selection.size > 1 && !row.iter;
  const args = several
    ? selectionArgs(selection)
    : { runs: [{ project: row.project, uid: row.uid }] };
  switch (event.key) {
    case 'l':
      run(CommandIDs.openLog, row);
      return true;
    case 'r':
      run(CommandIDs.editAndRerun, row);
      return true;
    case 's':
      if (isLive(row.state)) {
        run(CommandIDs.stopRun, row);
      }
      return true;
    case 'c':
      void commands.execute(
        several && !selection.matching
          ? CommandIDs.compare
          : CommandIDs.comparePrevious,
        several && !selection.matching
          ? args
          : { project: row.project, uid: row.uid }
      );
      return true;
    case 'y':
      run(CommandIDs.copyRunId, row);
      return true;
    case 'F2':
      void commands.execute(CommandIDs.editLabels, args);
      return true;
    case 'Delete':
      void commands.execute(CommandIDs.deleteRun, args);
      return true;
    default:
      return false;
  }
}

/** Escape: first the selection, then the filter, then back to the document. */
export function leave(props: ISectionOptions): boolean {
  const { selection, panel, commands } = props;
  if (selection.size) {
    selection.clear();
  } else if (panel.filter) {
    panel.filter = '';
  } else {
    void commands.execute(CommandIDs.openPanel);
  }
  return true;
}
