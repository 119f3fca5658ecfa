import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { Icon } from '../../components/icon';
import { useTrans } from '../../components/translation';
import { IColumn, nextSort } from '../../models/columns';

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

/** The columns' headings: groups above, a click sorts. */
export function TableHeader(props: {
  columns: readonly IColumn[];
  sort: string;
  width: number;
  all: boolean;
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
            checked={props.all}
            aria-label={trans.__('Select all that are loaded')}
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

function Heading(props: {
  column: IColumn;
  sort: string;
  begins: boolean;
  onSort: (sort: string) => void;
}) {
  const trans = useTrans();
  const { column, sort } = props;
  const label = columnLabel(column, trans);
  const direction =
    column.sort === null
      ? undefined
      : sort === column.sort
        ? 'ascending'
        : sort === `-${column.sort}`
          ? 'descending'
          : 'none';
  const sorted = direction === 'ascending' || direction === 'descending';
  const classes = [column.numeric ? 'jp-mlrun-table-num' : ''];
  classes.push(props.begins ? 'jp-mod-begins' : '');
  return (
    <span
      role="columnheader"
      aria-sort={direction}
      className={classes.join(' ')}
      title={label}
    >
      {column.sort === null ? (
        <span className="jp-mlrun-ellipsis">{label}</span>
      ) : (
        <button
          type="button"
          className={sorted ? 'jp-mod-sorted' : ''}
          onClick={() => props.onSort(nextSort(sort, column))}
        >
          <bdi className="jp-mlrun-ellipsis">{label}</bdi>
          {sorted && (
            <Icon
              size={10}
              name={direction === 'ascending' ? 'upTriangle' : 'downTriangle'}
            />
          )}
        </button>
      )}
    </span>
  );
}
