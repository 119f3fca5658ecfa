import React from 'react';
import type { IRunRow } from '../api/documents';
import { formatFull, formatMoment, parseTime } from '../format';
import { LinkButton } from './button';
import { DataTable } from './dataTable';
import { durationOf, primaryResult, qualifierOf } from './runWords';
import { StateIcon, stateWord } from './stateIcon';
import { useTrans } from './translation';

/** A few runs as a plain table: state, name, start, duration, value. */
export function RunTable(props: {
  rows: readonly IRunRow[];
  label: string;
  onOpen: (row: IRunRow) => void;
}) {
  const trans = useTrans();
  const now = Date.now();
  return (
    <DataTable
      label={props.label}
      columns={[
        trans.__('State'),
        trans.__('Name'),
        trans.__('Started'),
        trans.__('Duration'),
        trans.__('Result')
      ]}
    >
      {props.rows.map(row => {
        const start = parseTime(row.start_time);
        const result = primaryResult(row);
        return (
          <tr key={`${row.project}/${row.uid}`}>
            <td>
              <span className="jp-mlrun-stateCell">
                <StateIcon state={row.state} decorative />
                {stateWord(row.state, trans)}
              </span>
            </td>
            <td>
              <LinkButton label={row.name} onClick={() => props.onOpen(row)} />{' '}
              <span className="jp-mlrun-dim">
                <bdi>{qualifierOf(row, false, trans)}</bdi>
              </span>
            </td>
            <td title={start === null ? undefined : formatFull(start)}>
              {start === null ? '' : formatMoment(start, now)}
            </td>
            <td>
              <bdi dir="ltr">{durationOf(row, now)}</bdi>
            </td>
            <td title={result?.[0]}>
              <bdi dir="ltr">{result ? result.join(' ') : ''}</bdi>
            </td>
          </tr>
        );
      })}
    </DataTable>
  );
}
