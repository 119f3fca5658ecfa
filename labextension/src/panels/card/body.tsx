import React from 'react';
import { IRunRow, isLive } from '../../api/documents';
import { LinkButton } from '../../components/button';
import { gapOf } from '../../components/runWords';
import { StateIcon, stateWord } from '../../components/stateIcon';
import { useTrans } from '../../components/translation';
import { shortId } from '../../format';
import { Columns, Tail } from './columns';
import { Failed } from './failed';
import { LineHeader, OpenHeader } from './header';
import type { ICardProps } from './props';

/** The card of a run. */
export function CardBody(props: ICardProps) {
  const trans = useTrans();
  const { row } = props.model;
  const word = stateWord(row.state, trans);
  return (
    <section
      className={`jp-mlrun-card jp-mod-${props.model.form}`}
      role="group"
      aria-label={trans.__('Run %1, %2', row.name, word)}
      data-state={row.state}
      data-uid={row.uid}
    >
      {props.model.form === 'line' ? (
        <LineHeader {...props} />
      ) : (
        <OpenForm {...props} />
      )}
      <Messages {...props} />
      <Announcement row={row} bornLive={props.model.bornLive} word={word} />
    </section>
  );
}

function OpenForm(props: ICardProps) {
  const { model } = props;
  const live = isLive(model.row.state) || model.row.state === 'unknown';
  const body = React.useRef<HTMLDivElement>(null);
  const height = React.useRef<number>();
  const [fixed, setFixed] = React.useState<number>();
  React.useLayoutEffect(() => {
    if (live) {
      height.current = body.current?.getBoundingClientRect().height;
    } else {
      setFixed(height.current);
    }
  }, [live]);
  return (
    <>
      <OpenHeader {...props} />
      {model.bornLive && <Progress row={model.row} />}
      <div
        ref={body}
        className="jp-mlrun-card-body"
        // what was reserved for the running card stays when it ends; why it failed may need more
        style={
          fixed
            ? model.row.state === 'error'
              ? { minHeight: fixed }
              : { height: fixed }
            : undefined
        }
      >
        {model.row.state === 'error' ? (
          <Failed {...props} />
        ) : (
          <>
            <Columns {...props} />
            {model.log && <Tail lines={model.tail} />}
          </>
        )}
      </div>
    </>
  );
}

function Progress(props: { row: IRunRow }) {
  const trans = useTrans();
  const { row } = props;
  const share = shareOf(row);
  const percent = share === null ? undefined : Math.round(share * 100);
  return (
    <div
      className="jp-mlrun-card-progress"
      role="progressbar"
      aria-label={trans.__('Progress of %1', row.name)}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
    >
      {percent !== undefined && <i style={{ width: `${percent}%` }} />}
    </div>
  );
}

function shareOf(row: IRunRow): number | null {
  if (!isLive(row.state)) {
    return null;
  }
  const { value, total } = row.progress ?? {};
  const parts =
    typeof value === 'number' && typeof total === 'number' && total > 0
      ? [value, total]
      : [row.done_iterations, row.iterations];
  return parts[0] !== null && parts[1]
    ? Math.min(1, Math.max(0, parts[0] / parts[1]))
    : null;
}

function Messages(props: ICardProps) {
  const trans = useTrans();
  const { model, actions } = props;
  const gap = gapOf(model.row);
  const { again, failure, run } = model;
  const problem = run.gone
    ? trans.__(
        'This run is not in the service any more; the card shows what was saved.'
      )
    : (failure ?? run.failure);
  return (
    <>
      {again?.row && (
        <div className="jp-mlrun-card-message" role="status">
          <StateIcon state={again.row.state} />
          <span>
            {trans.__('Rerun: %1', stateWord(again.row.state, trans))}
          </span>
          <LinkButton
            label={shortId(again.ref.uid)}
            title={trans.__('Open the new run')}
            onClick={() => actions.open(again.ref)}
          />
        </div>
      )}
      {gap && (
        <div className="jp-mlrun-card-message" role="status">
          <StateIcon state="unhealthy" decorative />
          <span>{gap}</span>
        </div>
      )}
      {problem && (
        <div className="jp-mlrun-card-message" role="status">
          <StateIcon state={run.gone ? 'unknown' : 'unhealthy'} decorative />
          <span>{problem}</span>
          {!run.gone && (
            <LinkButton
              label={trans.__('Try again')}
              onClick={() => void run.refresh()}
            />
          )}
        </div>
      )}
    </>
  );
}

function Announcement(props: {
  row: IRunRow;
  bornLive: boolean;
  word: string;
}) {
  const trans = useTrans();
  const said = props.bornLive && !isLive(props.row.state);
  return (
    <span className="jp-mlrun-hidden" aria-live="polite">
      {said ? trans.__('Run %1 %2', props.row.name, props.word) : ''}
    </span>
  );
}
