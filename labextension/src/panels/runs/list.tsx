import React from 'react';
import type { IRunRow } from '../../api/documents';
import { CommandIDs } from '../../commands';
import { runKeyOf, selectLine } from '../../components/runKeys';
import { runMenu } from '../../components/runMenu';
import { openMenu } from '../../components/menu';
import { useNow } from '../../components/clock';
import { useOffline } from '../../components/connection';
import { groupTitle } from '../../components/groupTitle';
import { runDragText } from '../../components/runDrag';
import { describeIteration, describeRun } from '../../components/runWords';
import { useTrans } from '../../components/translation';
import { IGridHandle, TreeGrid } from '../../components/treeGrid';
import { leave } from './keys';
import type { ISectionOptions } from './options';
import { IterationCells, RunCells } from './row';

const ROW = 26;
const GROUP = 22;

/** The rows of the list: newest first, a heading where a group begins, iterations below. */
export function RunRows(
  props: ISectionOptions & { grid: React.RefObject<IGridHandle> }
) {
  const trans = useTrans();
  const { list, expanded, selection, deletions, commands } = props;
  const offline = useOffline(list.service);
  const now = useNow();
  const hold = useHold(list);
  const layoutKey = `${list.groupLayout} ${expanded.layout}`;
  const onRange = React.useCallback(
    (first: number, last: number) =>
      list.ensure(expanded.placeOf(first).index, expanded.placeOf(last).index),
    [list, expanded]
  );
  const keyOf = React.useCallback(
    (line: number) => {
      const row = expanded.at(line);
      return row ? `${row.project}/${row.uid}/${row.iter}` : line;
    },
    [list.layout, expanded.layout]
  );
  const groupOf = (line: number) => {
    const { index, child } = expanded.placeOf(line);
    const group = child === null ? list.groupAt(index) : undefined;
    return group ? groupTitle(group, list.query.group, now, trans) : null;
  };
  const run = (command: string, row: IRunRow, more = {}) =>
    void commands.execute(command, {
      project: row.project,
      uid: row.uid,
      ...more
    });
  const menu = (row: IRunRow, event: React.SyntheticEvent) =>
    openMenu(commands, runMenu(row), event);
  const rowOf = (line: number) => {
    const row = expanded.at(line);
    const className = 'jp-mlrun-runs-row';
    if (!row) {
      return { label: trans.__('Loading'), className };
    }
    if (row.iter) {
      const label = describeIteration(row, trans);
      return { label, level: 2, className: `${className} jp-mod-child` };
    }
    return {
      label: describeRun(row, now, offline, trans),
      selected: selection.has(row),
      expanded: row.iterations
        ? expanded.iterations(row) !== undefined
        : undefined,
      className
    };
  };
  const cellsOf = (line: number) => {
    const row = expanded.at(line);
    if (!row) {
      return <span className="jp-mlrun-runs-wait" />;
    }
    return row.iter ? (
      <IterationCells row={row} siblings={expanded.iterations(row) ?? []} />
    ) : (
      <RunCells
        row={row}
        offline={offline}
        showProject={list.service.project === null}
        leaving={deletions.has(row)}
        failure={expanded.failure(row)}
        expanded={expanded.iterations(row) !== undefined}
        onExpand={wanted => void expanded.expand(row, wanted)}
        onLog={() => run(CommandIDs.openLog, row)}
        onRerun={() => run(CommandIDs.editAndRerun, row)}
        onStop={() => run(CommandIDs.stopRun, row)}
        onUndo={() => deletions.undo(row)}
        onMenu={event => menu(row, event)}
      />
    );
  };
  return (
    <div
      className="jp-mlrun-runs-list"
      onPointerEnter={() => hold({ pointer: true })}
      onPointerLeave={() => hold({ pointer: false })}
      onFocus={() => hold({ focus: true })}
      onBlur={() => hold({ focus: false })}
    >
      <NewRuns {...props} />
      <TreeGrid
        handle={props.grid}
        label={trans.__('Runs')}
        count={expanded.count}
        rowHeight={ROW}
        groupHeight={GROUP}
        layoutKey={layoutKey}
        keyOf={keyOf}
        groupOf={groupOf}
        row={rowOf}
        cells={cellsOf}
        parentOf={line => {
          const { index, child } = expanded.placeOf(line);
          return child === null ? null : expanded.lineOf(index);
        }}
        dragTextOf={line => {
          const row = expanded.at(line);
          return row ? runDragText(row) : null;
        }}
        onExpand={(line, wanted) => {
          const row = expanded.at(line);
          if (row) {
            void expanded.expand(row, wanted);
          }
        }}
        onOpen={(line, aside) => {
          const row = expanded.at(line);
          if (row) {
            run(CommandIDs.openRun, row, {
              ...(row.iter ? { iter: row.iter, section: 'iterations' } : {}),
              ...(aside ? { mode: 'split-right' } : {})
            });
          }
        }}
        onSelect={(line, how) => selectLine(props, line, how)}
        onMenu={(line, event) => {
          const row = expanded.at(line);
          if (row) {
            menu(row, event);
          }
        }}
        onKey={(event, line) => {
          if (event.key === 'Escape') {
            return leave(props);
          }
          const row = expanded.at(line);
          return row !== undefined && runKeyOf(event.key, row, props);
        }}
        onRange={onRange}
        onAtTop={atTop => hold({ scrolled: !atTop })}
      />
    </div>
  );
}

/** Nothing moves while the pointer or the focus is in the list, or it is scrolled. */
function useHold(list: ISectionOptions['list']) {
  const held = React.useRef({ pointer: false, focus: false, scrolled: false });
  return (change: Partial<typeof held.current>) => {
    Object.assign(held.current, change);
    const { pointer, focus, scrolled } = held.current;
    list.hold(pointer || focus || scrolled);
  };
}

/** What waits because the list is held. */
function NewRuns(
  props: ISectionOptions & { grid: React.RefObject<IGridHandle> }
) {
  const trans = useTrans();
  const { list } = props;
  return list.waiting > 0 ? (
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
  ) : null;
}
