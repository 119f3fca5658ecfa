import React from 'react';
import type { IRunRow } from '../../api/documents';
import { useNow } from '../../components/clock';
import { Letter, letterOf } from '../../components/letter';
import { RunName } from '../../components/runName';
import { durationOf, qualifierOf, shownState } from '../../components/runWords';
import { StateIcon, stateWord } from '../../components/stateIcon';
import { useTrans } from '../../components/translation';
import {
  formatFull,
  formatMoment,
  formatParameter,
  formatResult,
  parseTime,
  shortId
} from '../../format';
import { IColumn, placeInRange } from '../../models/columns';

/** What the cells of one run show. */
export interface ICellsProps {
  row: IRunRow;
  columns: readonly IColumn[];
  /** The place in the selection, or -1. */
  selected: number;
  offline: boolean;
  leaving: boolean;
  /** Whether the selected runs have letters: not when they are all of a filter. */
  lettered: boolean;
  expanded: boolean;
  onExpand: (wanted: boolean) => void;
  onToggle: () => void;
}

/** The cells of a run in the table. */
export function TableCells(props: ICellsProps) {
  const trans = useTrans();
  const { row, selected } = props;
  return (
    <>
      <span role="gridcell" className="jp-mlrun-table-check">
        <input
          type="checkbox"
          tabIndex={-1}
          hidden={row.iter > 0}
          checked={selected >= 0}
          aria-label={
            selected >= 0 && props.lettered
              ? trans.__('%1, selected as %2', row.name, letterOf(selected))
              : trans.__('Select %1', row.name)
          }
          onChange={props.onToggle}
        />
      </span>
      {props.columns.map(column => (
        <Cell key={column.id} {...props} column={column} />
      ))}
    </>
  );
}

function Cell(props: ICellsProps & { column: IColumn }) {
  const { column, row } = props;
  switch (column.group) {
    case 'parameters':
      return <ValueCell column={column} text={parameter(row, column)} />;
    case 'results':
      return <ResultCell column={column} row={row} />;
    default:
      return <RunCell {...props} />;
  }
}

function parameter(row: IRunRow, column: IColumn): string {
  return formatParameter(row.parameters[column.name]);
}

function ValueCell(props: { column: IColumn; text: string; title?: string }) {
  const { column, text } = props;
  return (
    <span
      role="gridcell"
      className={column.numeric ? 'jp-mlrun-table-num' : ''}
      title={props.title ?? text}
    >
      <bdi dir="ltr">{text}</bdi>
    </span>
  );
}

function ResultCell({ column, row }: { column: IColumn; row: IRunRow }) {
  const value = row.results[column.name];
  const place = placeInRange(value, column);
  return (
    <span
      role="gridcell"
      className={`jp-mlrun-table-result${column.numeric ? ' jp-mlrun-table-num' : ''}`}
      title={formatParameter(value)}
    >
      <bdi dir="ltr">{formatResult(value, column.decimals)}</bdi>
      {column.range && value !== undefined && (
        <i style={{ width: `${Math.max(4, place * 100)}%` }} />
      )}
    </span>
  );
}

function RunCell(props: ICellsProps & { column: IColumn }) {
  const { row, column } = props;
  switch (column.id) {
    case 'state':
      return <StateCell {...props} />;
    case 'name':
      return <NameCell {...props} />;
    case 'uid':
      return (
        <span
          role="gridcell"
          className="jp-mlrun-mono jp-mlrun-dim"
          title={row.uid}
        >
          {shortId(row.uid)}
        </span>
      );
    case 'start_time':
      return <StartCell row={row} column={column} />;
    case 'duration':
      return <DurationCell row={row} column={column} />;
    case 'labels':
      return <ValueCell column={column} text={labelsOf(row)} />;
    default: {
      const text = row[column.id as 'kind' | 'owner' | 'project'] ?? '';
      return <ValueCell column={column} text={text} />;
    }
  }
}

function labelsOf(row: IRunRow): string {
  return Object.entries(row.labels)
    .filter(([name]) => !['kind', 'owner', 'host'].includes(name))
    .map(([name, value]) => `${name}=${value}`)
    .join('  ');
}

function StateCell({ row, offline }: ICellsProps) {
  const trans = useTrans();
  const state = shownState(row, offline);
  return (
    <span role="gridcell" className="jp-mlrun-table-state">
      <StateIcon state={state} decorative />
      {stateWord(state, trans)}
    </span>
  );
}

function NameCell(props: ICellsProps) {
  const trans = useTrans();
  const { row, selected, offline, leaving } = props;
  if (row.iter) {
    return (
      <span role="gridcell" className="jp-mlrun-runs-name">
        <bdi>{trans.__('iteration %1', row.iter)}</bdi>
      </span>
    );
  }
  const why = leaving ? trans.__('deleting') : qualifierOf(row, offline, trans);
  const mark = selected >= 0 && props.lettered && <Letter index={selected} />;
  return <RunName {...props} why={why} mark={mark} />;
}

function StartCell({ row, column }: { row: IRunRow; column: IColumn }) {
  const now = useNow();
  const time = parseTime(row.start_time);
  return (
    <ValueCell
      column={column}
      text={time === null ? '' : formatMoment(time, now)}
      title={time === null ? '' : formatFull(time)}
    />
  );
}

function DurationCell({ row, column }: { row: IRunRow; column: IColumn }) {
  const now = useNow(row.duration === null);
  return <ValueCell column={column} text={durationOf(row, now)} />;
}
