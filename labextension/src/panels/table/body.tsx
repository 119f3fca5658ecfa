import React from 'react';
import type { IRunRow } from '../../api/documents';
import { CommandIDs } from '../../commands';
import { useNow } from '../../components/clock';
import { useOffline } from '../../components/connection';
import { groupTitle } from '../../components/groupTitle';
import { openMenu } from '../../components/menu';
import { runDragText } from '../../components/runDrag';
import { runKeyOf, selectLine } from '../../components/runKeys';
import { runMenu } from '../../components/runMenu';
import { describeIteration, describeRun } from '../../components/runWords';
import { useTrans } from '../../components/translation';
import { IGridHandle, TreeGrid } from '../../components/treeGrid';
import type { IColumn } from '../../models/columns';
import { TableCells } from './cells';
import { CHECK_WIDTH, TableHeader, templateOf } from './header';
import type { ITableOptions } from './options';

const ROW = 26;
const GROUP = 22;

/** The rows of the table under their headings. */
export function TableBody(props: {
  options: ITableOptions;
  columns: readonly IColumn[];
  grid: React.RefObject<IGridHandle>;
  onLeave: () => void;
}) {
  const trans = useTrans();
  const { options, columns } = props;
  const { list, expanded, selection, deletions, commands } = options;
  const offline = useOffline(list.service);
  const now = useNow();
  const width = columns.reduce((sum, { width }) => sum + width, CHECK_WIDTH);
  const template = templateOf(columns);
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
  const withRow = (line: number, act: (row: IRunRow) => void) => {
    const row = expanded.at(line);
    if (row) {
      act(row);
    }
  };
  const rowOf = (line: number) => {
    const row = expanded.at(line);
    const className = 'jp-mlrun-table-row';
    if (!row) {
      return { label: trans.__('Loading'), className, template };
    }
    return row.iter
      ? {
          label: describeIteration(row, trans),
          level: 2,
          className: `${className} jp-mod-child`,
          template
        }
      : {
          label: describeRun(row, now, offline, trans),
          selected: selection.has(row),
          expanded: row.iterations
            ? expanded.iterations(row) !== undefined
            : undefined,
          className,
          template
        };
  };
  return (
    <TreeGrid
      handle={props.grid}
      label={trans.__('Table of runs')}
      count={expanded.count}
      rowHeight={ROW}
      groupHeight={GROUP}
      layoutKey={`${list.groupLayout} ${expanded.layout}`}
      width={width}
      header={<Header {...props} width={width} />}
      keyOf={keyOf}
      groupOf={line => {
        const { index, child } = expanded.placeOf(line);
        const group = child === null ? list.groupAt(index) : undefined;
        return group ? groupTitle(group, list.query.group, now, trans) : null;
      }}
      row={rowOf}
      cells={line => {
        const row = expanded.at(line);
        return row ? (
          <TableCells
            row={row}
            columns={columns}
            selected={
              selection.has(row) ? Math.max(0, selection.indexOf(row)) : -1
            }
            lettered={selection.matching === null}
            offline={offline}
            leaving={deletions.has(row)}
            expanded={expanded.iterations(row) !== undefined}
            onExpand={wanted => void expanded.expand(row, wanted)}
            onToggle={() => selection.toggle(row, expanded.placeOf(line).index)}
          />
        ) : (
          <span className="jp-mlrun-runs-wait" />
        );
      }}
      parentOf={line => {
        const { index, child } = expanded.placeOf(line);
        return child === null ? null : expanded.lineOf(index);
      }}
      dragTextOf={line => {
        const row = expanded.at(line);
        return row ? runDragText(row) : null;
      }}
      onExpand={(line, wanted) =>
        withRow(line, row => void expanded.expand(row, wanted))
      }
      onOpen={(line, aside) =>
        withRow(
          line,
          ({ project, uid, iter }) =>
            void commands.execute(CommandIDs.openRun, {
              project,
              uid,
              ...(iter ? { iter, section: 'iterations' } : {}),
              ...(aside ? { mode: 'split-right' } : {})
            })
        )
      }
      onSelect={(line, how) => selectLine(options, line, how)}
      onMenu={(line, event) =>
        withRow(line, row => openMenu(commands, runMenu(row), event))
      }
      onKey={(event, line) => {
        if (event.key === 'Escape') {
          props.onLeave();
          return true;
        }
        const row = expanded.at(line);
        return row !== undefined && runKeyOf(event.key, row, options);
      }}
      onRange={onRange}
      onAtTop={atTop => list.hold(!atTop)}
    />
  );
}

function Header(props: {
  options: ITableOptions;
  columns: readonly IColumn[];
  width: number;
}) {
  const { list, selection, layout } = props.options;
  const all =
    selection.size === 0
      ? 'none'
      : selection.size >= list.total
        ? 'all'
        : 'some';
  return (
    <TableHeader
      columns={props.columns}
      layout={layout}
      sort={list.query.sort}
      width={props.width}
      count={list.total}
      all={all}
      onSort={sort => list.setQuery({ sort })}
      onAll={() =>
        all === 'all' ? selection.clear() : selectLine(props.options, 0, 'all')
      }
    />
  );
}
