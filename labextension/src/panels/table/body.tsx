import React from 'react';
import { IRunRow, isLive } from '../../api/documents';
import { CommandIDs } from '../../commands';
import { useNow } from '../../components/clock';
import { useOffline } from '../../components/connection';
import { openMenu } from '../../components/menu';
import { runMenu } from '../../components/runMenu';
import { describeRun } from '../../components/runWords';
import { useTrans } from '../../components/translation';
import { IGridHandle, TreeGrid } from '../../components/treeGrid';
import type { IColumn } from '../../models/columns';
import { TableCells } from './cells';
import { CHECK_WIDTH, TableHeader, templateOf } from './header';
import type { ITableOptions } from './options';

const ROW = 26;

/** The rows of the table under their headings. */
export function TableBody(props: {
  options: ITableOptions;
  columns: readonly IColumn[];
  grid: React.RefObject<IGridHandle>;
  onLeave: () => void;
}) {
  const trans = useTrans();
  const { options, columns } = props;
  const { list, selection, deletions, commands } = options;
  const offline = useOffline(list.service);
  const now = useNow();
  const width = columns.reduce((sum, { width }) => sum + width, CHECK_WIDTH);
  const template = templateOf(columns);
  const onRange = React.useCallback(
    (first: number, last: number) => list.ensure(first, last),
    [list]
  );
  const menu = (index: number, event: React.SyntheticEvent) => {
    const row = list.at(index);
    if (row) {
      openMenu(commands, runMenu(row), event);
    }
  };
  const loaded = list.loaded();
  return (
    <TreeGrid
      handle={props.grid}
      label={trans.__('Table of runs')}
      count={list.total}
      rowHeight={ROW}
      layoutKey={list.layout}
      width={width}
      header={
        <TableHeader
          columns={columns}
          sort={list.query.sort}
          width={width}
          all={loaded.length > 0 && selection.size === loaded.length}
          onSort={sort => list.setQuery({ sort })}
          onAll={() =>
            selection.size === loaded.length
              ? selection.clear()
              : selection.set(loaded)
          }
        />
      }
      keyOf={index => {
        const row = list.at(index);
        return row ? `${row.project}/${row.uid}` : index;
      }}
      row={index => {
        const row = list.at(index);
        return {
          label: row
            ? describeRun(row, now, offline, trans)
            : trans.__('Loading'),
          selected: row !== undefined && selection.has(row),
          className: 'jp-mlrun-table-row',
          template
        };
      }}
      cells={index => {
        const row = list.at(index);
        return row ? (
          <TableCells
            row={row}
            columns={columns}
            selected={selection.indexOf(row)}
            offline={offline}
            leaving={deletions.has(row)}
            onToggle={() => selection.toggle(row, index)}
          />
        ) : (
          <span className="jp-mlrun-runs-wait" />
        );
      }}
      onOpen={(index, aside) => {
        const row = list.at(index);
        if (row) {
          void commands.execute(CommandIDs.openRun, {
            project: row.project,
            uid: row.uid,
            ...(aside ? { mode: 'split-right' } : {})
          });
        }
      }}
      onSelect={(index, how) => select(options, index, how)}
      onMenu={menu}
      onKey={(event, index) => {
        if (event.key === 'Escape') {
          props.onLeave();
          return true;
        }
        const row = list.at(index);
        return row !== undefined && tableKey(event.key, row, options);
      }}
      onRange={onRange}
      onAtTop={atTop => list.hold(!atTop)}
    />
  );
}

function select(
  { list, selection }: ITableOptions,
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

function tableKey(key: string, row: IRunRow, options: ITableOptions): boolean {
  const { selection, commands } = options;
  const one = { project: row.project, uid: row.uid };
  const chosen = selection.size > 1 ? selection.rows : [row];
  const runs = chosen.map(({ project, uid }) => ({ project, uid }));
  const commandsOf: Record<string, [string, object]> = {
    l: [CommandIDs.openLog, one],
    r: [CommandIDs.editAndRerun, one],
    c:
      runs.length > 1
        ? [CommandIDs.compare, { runs }]
        : [CommandIDs.comparePrevious, one],
    y: [CommandIDs.copyRunId, one],
    Delete: [CommandIDs.deleteRun, { runs }]
  };
  if (isLive(row.state)) {
    commandsOf.s = [CommandIDs.stopRun, one];
  }
  const [command, args] = commandsOf[key] ?? [];
  if (command && commands.hasCommand(command)) {
    void commands.execute(command, { ...args });
    return true;
  }
  return false;
}
