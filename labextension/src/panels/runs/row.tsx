import React from 'react';
import { IRunRow, isLive } from '../../api/documents';
import { IconButton } from '../../components/button';
import { useNow } from '../../components/clock';
import { RunName } from '../../components/runName';
import { Sparkline, seriesValues } from '../../components/sparkline';
import { StateIcon } from '../../components/stateIcon';
import { useTrans } from '../../components/translation';
import { formatDuration, formatFull, parseTime } from '../../format';
import {
  primaryResult,
  qualifierOf,
  shownState,
  timeOf,
  variedParameters
} from '../../components/runWords';

const MINUTE = 60000;

/** What can be done with a row of the list. */
export interface IRowActions {
  onExpand: (wanted: boolean) => void;
  onLog: () => void;
  onRerun: () => void;
  onStop: () => void;
  onUndo: () => void;
  onMenu: (event: React.SyntheticEvent) => void;
}

/** A run in the list: icon, name and why, value, time. */
export function RunCells(
  props: {
    row: IRunRow;
    offline: boolean;
    showProject: boolean;
    leaving: boolean;
    expanded: boolean;
    /** Why the iterations could not be read. */
    failure?: string;
  } & IRowActions
) {
  const trans = useTrans();
  const { row, offline, leaving } = props;
  const live = isLive(row.state);
  const time = parseTime(row.end_time) ?? parseTime(row.start_time);
  const young = time !== null && Date.now() - time < MINUTE;
  const now = useNow((live || young) && !offline);
  const qualifier = leaving
    ? trans.__('deleting')
    : (props.failure ?? qualifierOf(row, offline, trans));
  return (
    <>
      <span role="gridcell" className="jp-mlrun-runs-icon">
        <StateIcon state={shownState(row, offline)} />
      </span>
      <RunName {...props} why={qualifier} />
      <span role="gridcell" className="jp-mlrun-runs-value">
        <RowValue row={row} />
      </span>
      <span
        role="gridcell"
        className="jp-mlrun-runs-time"
        title={time === null ? undefined : formatFull(time)}
      >
        <bdi dir="ltr">{timeOf(row, now)}</bdi>
      </span>
      <span role="gridcell" className="jp-mlrun-runs-actions">
        <RowActions {...props} live={live} />
      </span>
    </>
  );
}

/** An iteration below its run: number, what was varied, value, duration. */
export function IterationCells(props: {
  row: IRunRow;
  siblings: readonly IRunRow[];
}) {
  const trans = useTrans();
  const { row } = props;
  const varied = variedParameters(row, props.siblings);
  return (
    <>
      <span role="gridcell" className="jp-mlrun-runs-icon">
        <StateIcon state={row.state} size={14} />
      </span>
      <span role="gridcell" className="jp-mlrun-runs-name" title={varied}>
        <span className="jp-mlrun-dim" aria-hidden="true">
          {row.iter}
        </span>
        <bdi dir="ltr">{varied || trans.__('iteration %1', row.iter)}</bdi>
      </span>
      <span role="gridcell" className="jp-mlrun-runs-value">
        <RowValue row={row} />
      </span>
      <span role="gridcell" className="jp-mlrun-runs-time">
        <bdi dir="ltr">
          {row.duration === null ? '' : formatDuration(row.duration)}
        </bdi>
      </span>
    </>
  );
}

function RowValue({ row }: { row: IRunRow }) {
  const [series] = Object.values(row.series ?? {});
  if (row.state === 'running' && series && series.length > 1) {
    return <Sparkline values={seriesValues(series)} />;
  }
  const result = primaryResult(row);
  return result ? (
    <bdi dir="ltr" title={`${result[0]} ${String(row.results[result[0]])}`}>
      {result[1]}
    </bdi>
  ) : null;
}

function RowActions(
  props: { live: boolean; leaving: boolean; offline: boolean } & IRowActions
) {
  const trans = useTrans();
  if (props.leaving) {
    return (
      <IconButton
        icon="rerun"
        label={trans.__('Undo')}
        tabIndex={-1}
        onClick={props.onUndo}
      />
    );
  }
  return (
    <>
      <IconButton
        icon="log"
        label={trans.__('Log')}
        tabIndex={-1}
        onClick={props.onLog}
      />
      {props.live ? (
        <IconButton
          icon="stop"
          label={trans.__('Stop')}
          tabIndex={-1}
          disabled={props.offline}
          onClick={props.onStop}
        />
      ) : (
        <IconButton
          icon="rerun"
          label={trans.__('Rerun…')}
          tabIndex={-1}
          disabled={props.offline}
          onClick={props.onRerun}
        />
      )}
      <IconButton
        icon="more"
        label={trans.__('More')}
        tabIndex={-1}
        hasPopup
        onClick={props.onMenu}
      />
    </>
  );
}
