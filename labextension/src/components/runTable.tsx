import React from 'react';
import type { IRunRow } from '../api/documents';
import { formatFull, formatMoment, parseTime } from '../format';
import { LinkButton } from './button';
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
    <table className="jp-mlrun-data" aria-label={props.label}>
      <thead>
        <tr>
          <th scope="col">{trans.__('State')}</th>
          <th scope="col">{trans.__('Name')}</th>
          <th scope="col">{trans.__('Started')}</th>
          <th scope="col">{trans.__('Duration')}</th>
          <th scope="col">{trans.__('Result')}</th>
        </tr>
      </thead>
      <tbody>
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
                <LinkButton
                  label={row.name}
                  onClick={() => props.onOpen(row)}
                />{' '}
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
      </tbody>
    </table>
  );
}
