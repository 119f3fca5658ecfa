import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { isRightToLeft } from '../../components/direction';
import { Icon } from '../../components/icon';
import { useTrans } from '../../components/translation';
import { formatCount } from '../../format';
import { IColumn, nextSort, sortOf } from '../../models/columns';
import type { TableLayout } from '../../models/tableLayout';

const MIME = 'application/x-jp-mlrun-column';

/** Width of the column of check boxes. */
export const CHECK_WIDTH = 34;

/** The `grid-template-columns` of the table. */
export function templateOf(columns: readonly IColumn[]): string {
  return [CHECK_WIDTH, ...columns.map(column => column.width)]
    .map(width => `${width}px`)
    .join(' ');
}

/** The heading of a column. */
export function columnLabel(column: IColumn, trans: TranslationBundle): string {
  switch (column.id) {
    case 'state':
      return trans.__('State');
    case 'name':
      return trans.__('Name');
    case 'project':
      return trans.__('Project');
    case 'uid':
      return trans.__('Run');
    case 'start_time':
      return trans.__('Started');
    case 'duration':
      return trans.__('Duration');
    case 'kind':
      return trans.__('Kind');
    case 'owner':
      return trans.__('Owner');
    case 'labels':
      return trans.__('Labels');
    default:
      return column.name;
  }
}

/** The columns' headings: groups above, a click sorts, edges resize, dragging moves. */
export function TableHeader(props: {
  columns: readonly IColumn[];
  layout: TableLayout;
  sort: string;
  width: number;
  all: 'all' | 'some' | 'none';
  count: number;
  onSort: (sort: string) => void;
  onAll: () => void;
}) {
  const trans = useTrans();
  const { columns } = props;
  const style = {
    gridTemplateColumns: templateOf(columns),
    width: props.width
  };
  return (
    <div className="jp-mlrun-table-head" role="rowgroup">
      <div className="jp-mlrun-table-groups" style={style} aria-hidden="true">
        <GroupName columns={columns} group="parameters">
          {trans.__('Parameters')}
        </GroupName>
        <GroupName columns={columns} group="results">
          {trans.__('Results')}
        </GroupName>
      </div>
      <div
        className="jp-mlrun-table-headings"
        role="row"
        aria-rowindex={1}
        style={style}
      >
        <span role="columnheader" className="jp-mlrun-table-check">
          <input
            type="checkbox"
            ref={box => {
              if (box) {
                box.indeterminate = props.all === 'some';
              }
            }}
            checked={props.all === 'all'}
            aria-label={trans.__(
              'Select all %1 runs',
              formatCount(props.count)
            )}
            title={trans.__('Select all %1 runs', formatCount(props.count))}
            onChange={props.onAll}
          />
        </span>
        {columns.map((column, index) => (
          <Heading
            key={column.id}
            {...props}
            column={column}
            begins={index > 0 && columns[index - 1].group !== column.group}
          />
        ))}
      </div>
    </div>
  );
}

function GroupName(props: {
  columns: readonly IColumn[];
  group: string;
  children: string;
}) {
  const first = props.columns.findIndex(({ group }) => group === props.group);
  const count = props.columns.filter(
    ({ group }) => group === props.group
  ).length;
  return count === 0 ? null : (
    <span style={{ gridColumn: `${first + 2} / span ${count}` }}>
      {props.children}
    </span>
  );
}

interface IHeading {
  column: IColumn;
  columns: readonly IColumn[];
  layout: TableLayout;
  sort: string;
  begins: boolean;
  onSort: (sort: string) => void;
}

const STEP = 16;

function Heading(props: IHeading) {
  const trans = useTrans();
  const { column, layout, sort } = props;
  const label = columnLabel(column, trans);
  const sorted = sortOf(sort, column);
  const direction =
    column.sort === null
      ? undefined
      : sorted === null
        ? 'none'
        : sorted.descending
          ? 'descending'
          : 'ascending';
  const classes = [column.numeric ? 'jp-mlrun-table-num' : ''];
  classes.push(props.begins ? 'jp-mod-begins' : '');
  return (
    <span
      role="columnheader"
      aria-sort={direction}
      className={classes.join(' ')}
      title={trans.__(
        '%1 · Shift: sort by this too · Alt ← →: move · Alt Shift ← →: width',
        label
      )}
      draggable
      onDragStart={event => {
        event.dataTransfer.setData(MIME, column.id);
        event.dataTransfer.effectAllowed = 'move';
      }}
      onDragOver={event => {
        if (event.dataTransfer.types.includes(MIME)) {
          event.preventDefault();
        }
      }}
      onDrop={event => {
        event.preventDefault();
        const id = event.dataTransfer.getData(MIME);
        layout.move(id, column.id, props.columns);
      }}
      onKeyDown={event => onHeadingKey(event, props)}
    >
      <button
        type="button"
        className={sorted ? 'jp-mod-sorted' : ''}
        aria-disabled={column.sort === null ? true : undefined}
        onClick={event => props.onSort(nextSort(sort, column, event.shiftKey))}
      >
        <bdi className="jp-mlrun-ellipsis">{label}</bdi>
        {sorted && (
          <Icon
            size={10}
            name={sorted.descending ? 'downTriangle' : 'upTriangle'}
          />
        )}
        {sorted && sorted.of > 1 && <sub>{sorted.place + 1}</sub>}
      </button>
      <Edge column={column} layout={layout} />
    </span>
  );
}

function onHeadingKey(event: React.KeyboardEvent, props: IHeading): void {
  const { column, columns, layout } = props;
  const left = event.key === 'ArrowLeft';
  if (!event.altKey || (!left && event.key !== 'ArrowRight')) {
    return;
  }
  event.preventDefault();
  event.stopPropagation();
  const by = left === isRightToLeft(event.currentTarget) ? 1 : -1;
  if (event.shiftKey) {
    layout.resize(column.id, column.width + by * STEP);
  } else {
    const other = columns[columns.indexOf(column) + by];
    if (other) {
      layout.move(column.id, other.id, columns);
    }
  }
}

/** The edge of a heading, by which its column is made wider or narrower. */
function Edge({ column, layout }: { column: IColumn; layout: TableLayout }) {
  const begun = React.useRef<{ x: number; width: number; rtl: boolean }>();
  return (
    <span
      className="jp-mlrun-table-edge"
      aria-hidden="true"
      draggable
      onDragStart={event => {
        // the heading around it can be dragged, its edge cannot
        event.preventDefault();
        event.stopPropagation();
      }}
      onDoubleClick={() => layout.resize(column.id, null)}
      onPointerDown={event => {
        event.currentTarget.setPointerCapture(event.pointerId);
        const rtl = isRightToLeft(event.currentTarget);
        begun.current = { x: event.clientX, width: column.width, rtl };
      }}
      onPointerMove={event => {
        if (begun.current) {
          const { x, width, rtl } = begun.current;
          const by = event.clientX - x;
          layout.resize(column.id, width + (rtl ? -by : by));
        }
      }}
      onPointerUp={() => (begun.current = undefined)}
    />
  );
}
