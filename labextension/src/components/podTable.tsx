import React from 'react';
import type { IPod } from '../api/pods';
import { formatFull, formatMoment, parseTime } from '../format';
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
    <table className="jp-mlrun-data" aria-label={props.label}>
      <thead>
        <tr>
          <th scope="col">{trans.__('Pod')}</th>
          <th scope="col">{trans.__('Phase')}</th>
          <th scope="col">{trans.__('Role')}</th>
          <th scope="col">{trans.__('Node')}</th>
          <th scope="col" className="jp-mlrun-num">
            {trans.__('Restarts')}
          </th>
          <th scope="col">{trans.__('Started')}</th>
          <th scope="col">{trans.__('Why')}</th>
        </tr>
      </thead>
      <tbody>
        {props.pods.map(pod => (
          <Pod key={`${pod.namespace}/${pod.name}`} pod={pod} />
        ))}
      </tbody>
    </table>
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
