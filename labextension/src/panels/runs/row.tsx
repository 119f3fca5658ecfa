import React from 'react';
import { IRunRow, isLive } from '../../api/documents';
import { IconButton } from '../../components/button';
import { useNow } from '../../components/clock';
import { Sparkline, seriesValues } from '../../components/sparkline';
import { StateIcon } from '../../components/stateIcon';
import { useTrans } from '../../components/translation';
import { formatFull, parseTime } from '../../format';
import {
  primaryResult,
  qualifierOf,
  shownState,
  timeOf
} from '../../components/runWords';

const MINUTE = 60000;

/** What can be done with a row of the list. */
export interface IRowActions {
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
    : qualifierOf(row, offline, trans);
  return (
    <>
      <span role="gridcell" className="jp-mlrun-runs-icon">
        <StateIcon state={shownState(row, offline)} />
      </span>
      <span
        role="gridcell"
        className="jp-mlrun-runs-name"
        title={qualifier ? `${row.name} · ${qualifier}` : row.name}
      >
        <bdi className={leaving ? 'jp-mod-leaving' : ''}>{row.name}</bdi>
        {qualifier && (
          <span className="jp-mlrun-dim jp-mlrun-runs-why">
            <bdi>{qualifier}</bdi>
          </span>
        )}
        {props.showProject && (
          <span className="jp-mlrun-dim jp-mlrun-runs-why">
            <bdi>{row.project}</bdi>
          </span>
        )}
      </span>
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
