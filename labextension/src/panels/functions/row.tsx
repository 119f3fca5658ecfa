import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { IconButton } from '../../components/button';
import { useNow } from '../../components/clock';
import { Icon } from '../../components/icon';
import { StateIcon } from '../../components/stateIcon';
import { useTrans } from '../../components/translation';
import { formatFull, formatAgo, parseTime } from '../../format';
import type { IFunctionLine } from '../../models/function';

/** What stands behind a function's name: why it cannot run, else what it does. */
function qualifierOf(
  { row, state }: IFunctionLine,
  trans: TranslationBundle
): string {
  if (state === 'unbuilt') {
    return trans.__('its image is not built');
  }
  return row.description.split('\n')[0] || (row.handler ?? '');
}

/** A function in the list: state, name and what it does, kind, when it was saved. */
export function FunctionCells(props: {
  line: IFunctionLine;
  showProject: boolean;
  onRun: () => void;
  onSchedule: () => void;
  onMenu: (event: React.SyntheticEvent) => void;
}) {
  const trans = useTrans();
  const now = useNow();
  const { line } = props;
  const { name, state, project, row } = line;
  const why = qualifierOf(line, trans);
  const updated = parseTime(row.updated);
  return (
    <>
      <span role="gridcell" className="jp-mlrun-runs-icon">
        {state === 'stored' ? (
          <Icon name="function" />
        ) : (
          <StateIcon state={state === 'unbuilt' ? 'unhealthy' : state} />
        )}
      </span>
      <span
        role="gridcell"
        className="jp-mlrun-runs-name"
        title={why ? `${name} · ${why}` : name}
      >
        <bdi>{name}</bdi>
        <span className="jp-mlrun-dim jp-mlrun-runs-why">
          <bdi>{why}</bdi>
        </span>
        {props.showProject && (
          <span className="jp-mlrun-dim jp-mlrun-runs-why">
            <bdi>{project}</bdi>
          </span>
        )}
      </span>
      <span role="gridcell" className="jp-mlrun-runs-value">
        {row.kind}
      </span>
      <span
        role="gridcell"
        className="jp-mlrun-runs-time"
        title={updated === null ? undefined : formatFull(updated)}
      >
        <bdi dir="ltr">{updated === null ? '' : formatAgo(updated, now)}</bdi>
      </span>
      <span role="gridcell" className="jp-mlrun-runs-actions">
        <IconButton
          icon="play"
          label={trans.__('Run…')}
          tabIndex={-1}
          onClick={props.onRun}
        />
        <IconButton
          icon="clock"
          label={trans.__('Schedule…')}
          tabIndex={-1}
          onClick={props.onSchedule}
        />
        <IconButton
          icon="more"
          label={trans.__('More')}
          tabIndex={-1}
          hasPopup
          onClick={props.onMenu}
        />
      </span>
    </>
  );
}

/** A function in a sentence. */
export function describeFunction(
  line: IFunctionLine,
  trans: TranslationBundle
): string {
  return [line.name, line.kind, qualifierOf(line, trans)]
    .filter(Boolean)
    .join(', ');
}
