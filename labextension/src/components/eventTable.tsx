import React from 'react';
import type { IPodEvent } from '../api/pods';
import { formatFull, formatMoment, parseTime } from '../format';
import { DataTable } from './dataTable';
import { StateIcon } from './stateIcon';
import { useTrans } from './translation';

/** What a cluster tells of pods, with how often it did. */
export function EventTable(props: {
  events: readonly IPodEvent[];
  label: string;
}) {
  const trans = useTrans();
  return (
    <DataTable
      label={props.label}
      columns={[
        trans.__('Time'),
        trans.__('Of'),
        trans.__('Reason'),
        trans.__('Message'),
        { label: trans.__('Times'), number: true }
      ]}
    >
      {props.events.map((event, index) => {
        const time = parseTime(event.time);
        return (
          <tr key={index}>
            <td title={time === null ? undefined : formatFull(time)}>
              {time === null ? '' : formatMoment(time, Date.now())}
            </td>
            <td>{event.object ?? ''}</td>
            <td>
              <span className="jp-mlrun-stateCell">
                {event.type === 'Warning' && (
                  <StateIcon state="unhealthy" size={14} />
                )}
                {event.reason}
              </span>
            </td>
            <td className="jp-mlrun-wraps">
              <bdi>{event.message}</bdi>
            </td>
            <td className="jp-mlrun-num">{event.count ?? 1}</td>
          </tr>
        );
      })}
    </DataTable>
  );
}
