import type { TranslationBundle } from '@jupyterlab/translation';
import { UseSignal } from '@jupyterlab/ui-components';
import React from 'react';
import type { IActivity } from '../../api/documents';
import { isRightToLeft } from '../../components/direction';
import { useTrans } from '../../components/translation';
import { formatCount, formatMoment } from '../../format';
import { Activity, spanStart, withinSpans } from '../../models/activity';
import type { RunList } from '../../models/runList';

const DAY = 86400;
const KINDS = ['completed', 'error', 'running', 'aborted'] as const;
const ORDER = [0, 3, 2, 1];

/** Starts of runs over time: errors as caps, drag or keys choose a range. */
export function ActivityStrip(props: { activity: Activity; list: RunList }) {
  return (
    <UseSignal signal={props.activity.changed}>
      {() => {
        const { value } = props.activity;
        return value && value.spans.length > 0 ? (
          <Strip activity={value} list={props.list} />
        ) : (
          <div className="jp-mlrun-activity" />
        );
      }}
    </UseSignal>
  );
}

interface IRange {
  anchor: number;
  at: number;
}

function Strip({ activity, list }: { activity: IActivity; list: RunList }) {
  const trans = useTrans();
  const [range, setRange] = React.useState<IRange | null>(null);
  const dragging = React.useRef(false);
  const { spans } = activity;
  const most = Math.max(1, ...spans.map(sumOf));
  const last = spans.length - 1;
  const choose = ({ anchor, at }: IRange) => {
    setRange(null);
    list.setQuery({ q: withinSpans(list.query.q, activity, anchor, at) });
  };
  const placeOf = (event: React.PointerEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const part = (event.clientX - box.left) / box.width;
    const rtl = isRightToLeft(event.currentTarget);
    const place = Math.floor((rtl ? 1 - part : part) * spans.length);
    return Math.max(0, Math.min(last, place));
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const now = range ?? { anchor: last, at: last };
    const ahead = isRightToLeft(event.currentTarget) ? -1 : 1;
    const to = {
      ArrowLeft: now.at - ahead,
      ArrowRight: now.at + ahead,
      Home: 0,
      End: last
    }[event.key];
    if (to !== undefined) {
      const at = Math.max(0, Math.min(last, range ? to : now.at));
      setRange({ anchor: event.shiftKey ? now.anchor : at, at });
    } else if (event.key === 'Enter' && range) {
      choose(range);
    } else if (event.key === 'Escape' && range) {
      setRange(null);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      className="jp-mlrun-activity"
      role="slider"
      tabIndex={0}
      aria-label={summaryOf(activity, trans)}
      aria-valuemin={0}
      aria-valuemax={last}
      aria-valuenow={range?.at ?? last}
      aria-valuetext={describe(
        activity,
        range ?? { anchor: last, at: last },
        trans
      )}
      title={trans.__('Drag to choose a time; with keys: arrows, Shift, Enter')}
      onKeyDown={onKeyDown}
      onBlur={() => setRange(null)}
      onPointerDown={event => {
        dragging.current = true;
        event.currentTarget.setPointerCapture(event.pointerId);
        const at = placeOf(event);
        setRange({ anchor: at, at });
      }}
      onPointerMove={event => {
        if (dragging.current && range) {
          setRange({ anchor: range.anchor, at: placeOf(event) });
        }
      }}
      onPointerUp={() => {
        if (dragging.current && range) {
          choose(range);
        }
        dragging.current = false;
      }}
      onPointerCancel={() => {
        dragging.current = false;
        setRange(null);
      }}
    >
      <Days activity={activity} />
      <div className="jp-mlrun-activity-bars">
        {spans.map((span, index) => (
          <span key={index} className="jp-mlrun-activity-bar">
            {ORDER.map(kind =>
              span[kind] > 0 ? (
                <i
                  key={kind}
                  className={`jp-mod-${KINDS[kind]}`}
                  style={{ height: `${(span[kind] / most) * 100}%` }}
                />
              ) : null
            )}
          </span>
        ))}
      </div>
      {range && <Chosen activity={activity} range={range} />}
    </div>
  );
}

function Chosen({ activity, range }: { activity: IActivity; range: IRange }) {
  const trans = useTrans();
  const count = activity.spans.length;
  const from = Math.min(range.anchor, range.at);
  const to = Math.max(range.anchor, range.at);
  const style = {
    insetInlineStart: `${(from / count) * 100}%`,
    width: `${((to - from + 1) / count) * 100}%`
  };
  return (
    <>
      <span className="jp-mlrun-activity-range" style={style} />
      <span className="jp-mlrun-activity-words">
        {describe(activity, range, trans)}
      </span>
    </>
  );
}

/** Where days begin, as far as there is room for their names. */
function Days({ activity }: { activity: IActivity }) {
  const count = activity.spans.length;
  const starts: { place: number; name: string }[] = [];
  let known = '';
  for (let index = 0; index < count; index += 1) {
    const date = new Date(spanStart(activity, index));
    const day = date.toDateString();
    if (day !== known) {
      known = day;
      const name = new Intl.DateTimeFormat(undefined, {
        weekday: (activity.step ?? 0) < DAY ? 'short' : undefined,
        day: 'numeric',
        month: (activity.step ?? 0) < DAY ? undefined : 'short'
      }).format(date);
      starts.push({ place: index / count, name });
    }
  }
  const shown = starts.filter(
    ({ place }, index) => index === 0 || place - starts[index - 1].place > 0.07
  );
  return (
    <>
      {shown.map(({ place, name }) => (
        <span
          key={place}
          className="jp-mlrun-activity-day"
          style={{ insetInlineStart: `${place * 100}%` }}
        >
          {name}
        </span>
      ))}
    </>
  );
}

function sumOf(span: readonly number[]): number {
  return span.reduce((sum, count) => sum + count, 0);
}

function summaryOf(activity: IActivity, trans: TranslationBundle): string {
  const { spans } = activity;
  const failed = spans.reduce((sum, span) => sum + span[1], 0);
  const now = Date.now();
  return trans.__(
    'Activity: %1 runs from %2 to %3, %4 failed',
    formatCount(spans.reduce((sum, span) => sum + sumOf(span), 0)),
    formatMoment(spanStart(activity, 0), now),
    formatMoment(Math.min(now, spanStart(activity, spans.length)), now),
    formatCount(failed)
  );
}

function describe(
  activity: IActivity,
  { anchor, at }: IRange,
  trans: TranslationBundle
): string {
  const [from, to] = anchor <= at ? [anchor, at] : [at, anchor];
  const chosen = activity.spans.slice(from, to + 1);
  const now = Date.now();
  const count = chosen.reduce((sum, span) => sum + sumOf(span), 0);
  const failed = chosen.reduce((sum, span) => sum + span[1], 0);
  return trans.__(
    '%1 to %2: %3 runs, %4 failed',
    formatMoment(spanStart(activity, from), now),
    formatMoment(spanStart(activity, to + 1), now),
    formatCount(count),
    formatCount(failed)
  );
}
