import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { IRunRow, isLive } from '../../api/documents';
import { Button, IconButton } from '../../components/button';
import { useNow } from '../../components/clock';
import { gapOf } from '../../components/runWords';
import { StateIcon, stateWord } from '../../components/stateIcon';
import { useTrans } from '../../components/translation';
import {
  formatDuration,
  formatElapsed,
  formatFull,
  formatResult,
  formatSince,
  parseTime,
  shortId
} from '../../format';
import { CellLink, RerunButtons, RerunIcons, StopButton } from './buttons';
import type { ICardProps } from './props';

/** How far a run is, in words; why it waits; who ended it. */
export function statusOf(row: IRunRow, trans: TranslationBundle): string {
  const { value, total, text } = row.progress ?? {};
  if (row.state === 'pending' || row.state === 'created') {
    return row.status_text ?? row.reason ?? '';
  }
  if (row.state === 'aborted' || row.state === 'unknown') {
    return row.reason ?? row.status_text ?? '';
  }
  if (!isLive(row.state)) {
    return '';
  }
  if (text) {
    return text;
  }
  if (typeof value === 'number') {
    return typeof total === 'number'
      ? trans.__('step %1 of %2', value, total)
      : trans.__('step %1', value);
  }
  return row.iterations
    ? trans.__('%1 of %2 iterations', row.done_iterations ?? 0, row.iterations)
    : gapOf(row)
      ? ''
      : (row.status_text ?? '');
}

/** The state with its duration, as a sentence's part: `running 0:42`, `failed after 2.1 s`. */
function StateWords(props: { row: IRunRow }) {
  const trans = useTrans();
  const { row } = props;
  const live = isLive(row.state);
  const now = useNow(live);
  const start = parseTime(row.start_time);
  if (live) {
    const elapsed = start === null ? '' : formatElapsed((now - start) / 1000);
    return (
      <span className="jp-mlrun-number">
        {stateWord(row.state, trans)} {elapsed}
      </span>
    );
  }
  const time = row.duration === null ? null : formatDuration(row.duration);
  if (time === null) {
    return <span>{stateWord(row.state, trans)}</span>;
  }
  const words =
    row.state === 'error'
      ? trans.__('failed after %1', time)
      : row.state === 'aborted'
        ? trans.__('aborted after %1', time)
        : trans.__('completed in %1', time);
  return <span className="jp-mlrun-number">{words}</span>;
}

/** When a run ended, for people. */
export function Ago(props: { row: IRunRow }) {
  const trans = useTrans();
  const now = useNow();
  const time = parseTime(props.row.end_time ?? props.row.last_update);
  return time === null || isLive(props.row.state) ? null : (
    <span className="jp-mlrun-dim" title={formatFull(time)}>
      {formatSince(time, now, trans)}
    </span>
  );
}

/** The header of a card that shows everything. */
export function OpenHeader(props: ICardProps) {
  const trans = useTrans();
  const { model, actions } = props;
  const { row } = model;
  const status = statusOf(row, trans);
  const live = isLive(row.state);
  return (
    <header>
      <StateIcon state={row.state} decorative />
      <b className="jp-mlrun-card-name">
        <bdi>{row.name}</bdi>
      </b>
      <StateWords row={row} />
      {status && (
        <span className="jp-mlrun-dim jp-mlrun-shrinks" title={status}>
          {status}
        </span>
      )}
      <Ago row={row} />
      <span className="jp-mlrun-dim jp-mlrun-mono" title={row.uid}>
        {shortId(row.uid)}
      </span>
      <Edited {...props} />
      <span className="jp-mlrun-grow" />
      {live && <StopButton {...props} />}
      {!live && <RerunButtons {...props} />}
      <Button
        label={
          row.state === 'error' ? trans.__('Log at error') : trans.__('Log')
        }
        icon="log"
        onClick={() =>
          row.state === 'error'
            ? actions.open(model.run.ref, { section: 'log-at-error' })
            : actions.log(model.run.ref)
        }
      />
      <Button
        label={trans.__('Open')}
        icon="open"
        onClick={() => actions.open(model.run.ref)}
      />
      <IconButton
        label={trans.__('More actions')}
        icon="more"
        hasPopup
        onClick={event => actions.more(model.run.ref, event)}
      />
    </header>
  );
}

/** The one line of a card that is folded to it. */
export function LineHeader(props: ICardProps) {
  const trans = useTrans();
  const { model, actions } = props;
  const { row } = model;
  const live = isLive(row.state);
  const status = statusOf(row, trans);
  return (
    <header>
      <StateIcon state={row.state} />
      <b className="jp-mlrun-card-name">
        <bdi>{row.name}</bdi>
      </b>
      {live ? (
        <StateWords row={row} />
      ) : (
        row.duration !== null && (
          <span className="jp-mlrun-number">
            {formatDuration(row.duration)}
          </span>
        )
      )}
      {status && <span className="jp-mlrun-shrinks">{status}</span>}
      {row.state === 'error' ? (
        <ErrorLine {...props} />
      ) : (
        <Outcome {...props} />
      )}
      <Ago row={row} />
      <span className="jp-mlrun-grow" />
      <Edited {...props} />
      {live && <StopButton {...props} />}
      <IconButton
        label={trans.__('Log')}
        icon="log"
        onClick={() => actions.log(model.run.ref)}
      />
      {!live && <RerunIcons {...props} />}
      <IconButton
        label={trans.__('Open')}
        icon="open"
        onClick={() => actions.open(model.run.ref)}
      />
    </header>
  );
}

function Outcome(props: ICardProps) {
  const trans = useTrans();
  const { row, facts } = props.model;
  const first =
    facts.declared.find(key => key in row.results) ??
    Object.keys(row.results)[0];
  const names = facts.artifacts.map(artifact => artifact.key);
  const rest = names.length - 2;
  return (
    <>
      {first !== undefined && (
        <>
          <span className="jp-mlrun-shrinks" title={first}>
            <bdi>{first}</bdi>
          </span>
          <b className="jp-mlrun-number">{formatResult(row.results[first])}</b>
        </>
      )}
      {names.length > 0 && (
        <span
          className="jp-mlrun-dim jp-mlrun-shrinks"
          title={names.join(', ')}
        >
          {rest > 0
            ? trans.__('%1, +%2', names.slice(0, 2).join(', '), rest)
            : names.join(', ')}
        </span>
      )}
    </>
  );
}

function ErrorLine(props: ICardProps) {
  const { row, facts } = props.model;
  return (
    <>
      <span className="jp-mlrun-shrinks" title={row.error ?? ''}>
        {(row.error ?? facts.errorType ?? '').split('\n')[0]}
      </span>
      <CellLink {...props} />
    </>
  );
}

function Edited(props: ICardProps) {
  const trans = useTrans();
  const { actions, model } = props;
  return props.edited ? (
    <button
      type="button"
      className="jp-mlrun-chip"
      title={trans.__('Show what has changed in the cell')}
      onClick={() => actions.open(model.run.ref, { section: 'code' })}
    >
      {trans.__('Cell changed since this run')}
    </button>
  ) : null;
}
