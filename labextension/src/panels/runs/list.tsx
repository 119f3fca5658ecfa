import React from 'react';
import { IRunRow, isLive } from '../../api/documents';
import { CommandIDs } from '../../commands';
import { runMenu } from '../../components/runMenu';
import { openMenu } from '../../components/menu';
import { useNow } from '../../components/clock';
import { useOffline } from '../../components/connection';
import { useTrans } from '../../components/translation';
import { IGridHandle, TreeGrid } from '../../components/treeGrid';
import { formatDay, parseTime } from '../../format';
import type { ISectionOptions } from './options';
import { RunCells } from './row';

import { describeRun } from '../../components/runWords';

const ROW = 26;
const GROUP = 22;

function dayOf(row: IRunRow | undefined): number | null {
  const start = parseTime(row?.start_time);
  return start === null ? null : new Date(start).setHours(0, 0, 0, 0);
}

/** The rows of the list: newest first, a heading where a day begins. */
export function RunRows(
  props: ISectionOptions & { grid: React.RefObject<IGridHandle> }
) {
  const trans = useTrans();
  const { list, selection, deletions, commands } = props;
  const offline = useOffline(list.service);
  const now = useNow();
  const held = React.useRef({ inside: false, scrolled: false });
  const hold = (change: Partial<typeof held.current>) => {
    Object.assign(held.current, change);
    list.hold(held.current.inside || held.current.scrolled);
  };
  const group = (index: number): string | null => {
    const day = dayOf(list.at(index));
    if (day === null || (index > 0 && dayOf(list.at(index - 1)) === day)) {
      return null;
    }
    return formatDay(day, now, trans);
  };
  const onRange = React.useCallback(
    (first: number, last: number) => list.ensure(first, last),
    [list]
  );
  const run = (command: string, row: IRunRow, more = {}) =>
    void commands.execute(command, {
      project: row.project,
      uid: row.uid,
      ...more
    });
  const onKey = (event: React.KeyboardEvent, index: number): boolean => {
    const row = list.at(index);
    return row !== undefined && rowKey(event, row, props, run);
  };
  const menu = (row: IRunRow, event: React.SyntheticEvent) =>
    openMenu(commands, runMenu(row), event);
  return (
    <div
      className="jp-mlrun-runs-list"
      onPointerEnter={() => hold({ inside: true })}
      onPointerLeave={() => hold({ inside: false })}
    >
      {list.waiting > 0 && (
        <button
          type="button"
          className="jp-mlrun-pill"
          onClick={() => {
            list.release();
            props.grid.current?.scrollToTop();
          }}
        >
          {trans._n('%1 new run', '%1 new runs', list.waiting)}
        </button>
      )}
      <TreeGrid
        handle={props.grid}
        label={trans.__('Runs')}
        count={list.total}
        rowHeight={ROW}
        groupHeight={GROUP}
        layoutKey={list.layout}
        keyOf={index => {
          const row = list.at(index);
          return row ? `${row.project}/${row.uid}` : index;
        }}
        groupOf={group}
        row={index => {
          const row = list.at(index);
          return row
            ? {
                label: describeRun(row, now, offline, trans),
                selected: selection.has(row),
                className: 'jp-mlrun-runs-row'
              }
            : { label: trans.__('Loading'), className: 'jp-mlrun-runs-row' };
        }}
        cells={index => {
          const row = list.at(index);
          return row ? (
            <RunCells
              row={row}
              offline={offline}
              showProject={list.service.project === null}
              leaving={deletions.has(row)}
              onLog={() => run(CommandIDs.openLog, row)}
              onRerun={() => run(CommandIDs.editAndRerun, row)}
              onStop={() => run(CommandIDs.stopRun, row)}
              onUndo={() => deletions.undo(row)}
              onMenu={event => menu(row, event)}
            />
          ) : (
            <span className="jp-mlrun-runs-wait" />
          );
        }}
        onOpen={(index, aside) => {
          const row = list.at(index);
          if (row) {
            run(CommandIDs.openRun, row, aside ? { mode: 'split-right' } : {});
          }
        }}
        onSelect={(index, how) => select(props, index, how)}
        onMenu={(index, event) => {
          const row = list.at(index);
          if (row) {
            menu(row, event);
          }
        }}
        onKey={onKey}
        onRange={onRange}
        onAtTop={atTop => hold({ scrolled: !atTop })}
      />
    </div>
  );
}

function select(
  { list, selection }: ISectionOptions,
  index: number,
  how: 'only' | 'toggle' | 'extend' | 'all'
): void {
  const row = list.at(index);
  if (how === 'all') {
    selection.set(list.loaded());
  } else if (how === 'extend') {
    selection.extend(index, at => list.at(at));
  } else if (row && how === 'toggle') {
    selection.toggle(row, index);
  } else if (row) {
    selection.set([row], index);
  }
}

function rowKey(
  event: React.KeyboardEvent,
  row: IRunRow,
  props: ISectionOptions,
  run: (command: string, row: IRunRow, more?: object) => void
): boolean {
  const { selection, commands } = props;
  const chosen = selection.size > 1 ? selection.rows : [row];
  const args = { runs: chosen.map(({ project, uid }) => ({ project, uid })) };
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
        chosen.length > 1 ? CommandIDs.compare : CommandIDs.comparePrevious,
        chosen.length > 1 ? args : { project: row.project, uid: row.uid }
      );
      return true;
    case 'y':
      run(CommandIDs.copyRunId, row);
      return true;
    case 'Delete':
      void commands.execute(CommandIDs.deleteRun, args);
      return true;
    case 'Escape':
      return leave(props);
    default:
      return false;
  }
}

function leave({ selection, panel, commands }: ISectionOptions): boolean {
  if (selection.size) {
    selection.clear();
  } else if (panel.filter) {
    panel.filter = '';
  } else {
    void commands.execute(CommandIDs.openPanel);
  }
  return true;
}
