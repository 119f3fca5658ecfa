import React from 'react';
import type { IPod } from '../api/pods';
import { formatFull, formatMoment, parseTime } from '../format';
import { DataTable } from './dataTable';
import { StateIcon } from './stateIcon';
import { useTrans } from './translation';

const STATES: Readonly<Record<string, string>> = {
  Pending: 'pending',
  Running: 'running',
  Succeeded: 'completed',
  Failed: 'error',
  Unknown: 'unknown'
};

/** Pods with their phase, node, restarts and why they stopped. */
export function PodTable(props: { pods: readonly IPod[]; label: string }) {
  const trans = useTrans();
  return (
    <DataTable
      label={props.label}
      columns={[
        trans.__('Pod'),
        trans.__('Phase'),
        trans.__('Role'),
        trans.__('Node'),
        { label: trans.__('Restarts'), number: true },
        trans.__('Started'),
        trans.__('Why')
      ]}
    >
      {props.pods.map(pod => (
        <Pod key={`${pod.namespace}/${pod.name}`} pod={pod} />
      ))}
    </DataTable>
  );
}

function Pod({ pod }: { pod: IPod }) {
  const trans = useTrans();
  const start = parseTime(pod.started ?? pod.created);
  const why = [
    pod.reason,
    typeof pod.exit_code === 'number'
      ? trans.__('exit code %1', pod.exit_code)
      : ''
  ]
    .filter(Boolean)
    .join(', ');
  return (
    <tr>
      <td title={(pod.images ?? []).join('\n') || undefined}>
        <bdi>{pod.name}</bdi>
      </td>
      <td>
        <span className="jp-mlrun-stateCell">
          <StateIcon state={STATES[pod.phase] ?? 'unknown'} decorative />
          {pod.phase}
        </span>
      </td>
      <td>{pod.role ?? ''}</td>
      <td>{pod.node ?? ''}</td>
      <td className="jp-mlrun-num">{pod.restarts ?? 0}</td>
      <td title={start === null ? undefined : formatFull(start)}>
        {start === null ? '' : formatMoment(start, Date.now())}
      </td>
      <td>
        <bdi>{why}</bdi>
      </td>
    </tr>
  );
}
