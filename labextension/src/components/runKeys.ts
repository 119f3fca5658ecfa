import type { CommandRegistry } from '@lumino/commands';
import { IRunRow, isLive } from '../api/documents';
import { CommandIDs } from '../commands';
import type { ExpandedRuns } from '../models/expandedRuns';
import type { RunList } from '../models/runList';
import type { Selection } from '../models/selection';
import { selectionArgs } from './runMenu';

/** A list of runs in which some can be selected. */
export interface ISelectableRuns {
  list: RunList;
  expanded: ExpandedRuns;
  selection: Selection;
  commands: CommandRegistry;
}

/** Change the selection by a line of the list. */
export function selectLine(
  { list, expanded, selection }: ISelectableRuns,
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

/** The keys that do something to a run. */
export const RUN_KEYS = ['l', 'r', 's', 'c', 'y', 'F2', 'Delete'] as const;

type RunKey = (typeof RUN_KEYS)[number];

/** What a key does to a run, or to all that are selected; whether it did anything. */
export function runKeyOf(
  key: string,
  row: IRunRow,
  { selection, commands }: ISelectableRuns
): boolean {
  const one = { project: row.project, uid: row.uid };
  const several = selection.size > 1 && !row.iter;
  const chosen = several ? selectionArgs(selection) : { runs: [one] };
  const known: Record<RunKey, [string, object] | []> = {
    l: [CommandIDs.openLog, one],
    r: [CommandIDs.editAndRerun, one],
    s: isLive(row.state) ? [CommandIDs.stopRun, one] : [],
    c:
      several && !selection.matching
        ? [CommandIDs.compare, chosen]
        : [CommandIDs.comparePrevious, one],
    y: [CommandIDs.copyRunId, one],
    F2: [CommandIDs.editLabels, chosen],
    Delete: [CommandIDs.deleteRun, chosen]
  };
  const [command, args] = known[key as RunKey] ?? [];
  if (!command || !commands.hasCommand(command)) {
    return false;
  }
  void commands.execute(command, { ...args });
  return true;
}
