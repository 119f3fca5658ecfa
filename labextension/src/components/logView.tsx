import { useVirtualizer } from '@tanstack/react-virtual';
import React from 'react';
import { reasonOf } from '../api/request';
import { formatCount, formatSize } from '../format';
import { Button } from './button';
import { ILogSource, LogBar } from './logBar';
import { useAnnouncement, useFollow } from './logFollow';
import { LogLine, OpenPlace } from './logLine';
import { Note } from './note';
import { useTrans } from './translation';

const LINE = 18;
const OVERSCAN = 8;
const END = 4;
// one scroller cannot be taller than a browser's limit of some 16 million pixels
const PAGE = 800000;

/** A line that is to be shown; each new object is a new wish. */
export interface ILineWish {
  line: number;
}

/** What a log view is given. */
export interface ILogViewProps {
  source: ILogSource;
  wish?: ILineWish | null;
  onDownload: () => void;
  /** Opens a place in code that a line names. */
  onPlace?: OpenPlace;
}

function useLines(source: ILogSource) {
  const { filtered } = source;
  const [page, setPage] = React.useState(0);
  const total = filtered ? filtered.matches.length : source.total;
  const pages = Math.max(1, Math.ceil(total / PAGE));
  const first = Math.min(page, pages - 1) * PAGE;
  return {
    page: Math.min(page, pages - 1),
    pages,
    setPage,
    count: Math.min(PAGE, Math.max(0, total - first)),
    /** The number of the line in a row. */
    numberAt: (index: number) =>
      filtered ? filtered.matches[first + index].n : first + index + 1,
    /** The row of a line, from the first page on; below 0 where it is not among them. */
    placeOf: (n: number) =>
      filtered ? filtered.matches.findIndex(match => match.n === n) : n - 1,
    lineAt: (index: number) => {
      const match = filtered?.matches[first + index];
      return match
        ? (source.heldLine(match.n) ?? { ...match, t: null })
        : source.line(first + index + 1);
    }
  };
}

/** A log of any length with its bar: search, level, problems, wrap, follow, download. */
export function LogView(props: ILogViewProps) {
  const { source, wish } = props;
  const root = React.useRef<HTMLDivElement>(null);
  const scroller = React.useRef<HTMLDivElement>(null);
  const [wrap, setWrap] = React.useState(false);
  const [cursor, setCursor] = React.useState<number | null>(null);
  const [focused, setFocused] = React.useState(false);
  const following = useFollow(source, scroller);
  const lines = useLines(source);
  const { count, pages } = lines;
  const rows = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE,
    overscan: OVERSCAN,
    paddingStart: END,
    paddingEnd: END
  });
  const [wanted, setWanted] = React.useState<ILineWish | null>(null);
  const onAll = (line: number) => {
    setWanted({ line });
    void source.show(null);
  };
  const show = (line: number | null) => {
    if (line === null) {
      return;
    }
    following.setFollow(false);
    setCursor(line);
    const place = lines.placeOf(line);
    if (place < 0) {
      onAll(line);
      return;
    }
    lines.setPage(Math.floor(place / PAGE));
    requestAnimationFrame(() =>
      rows.scrollToIndex(place % PAGE, { align: 'center' })
    );
  };
  const all = source.filtered === null;
  React.useEffect(() => {
    if (wanted && all) {
      setWanted(null);
      show(wanted.line);
    }
  }, [wanted, all]);
  React.useEffect(() => {
    if (wish && source.loaded) {
      show(wish.line);
    }
  }, [wish, source.loaded]);
  React.useEffect(() => rows.measure(), [wrap]);
  React.useLayoutEffect(() => {
    if (following.follow && count > 0) {
      lines.setPage(pages - 1);
      rows.scrollToIndex(count - 1, { align: 'end' });
    }
  }, [following.follow, count, wrap, pages]);
  const [refused, setRefused] = React.useState('');
  const problem = async (by: 1 | -1) => {
    try {
      setRefused('');
      show(await source.nextProblem(cursor ?? 0, by));
    } catch (reason) {
      setRefused(reasonOf(reason));
    }
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const accel = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    const typing = isInput(event.target);
    if (event.key === 'F8') {
      void problem(event.shiftKey ? -1 : 1);
    } else if (accel && key === 'f') {
      root.current?.querySelector('input')?.select();
    } else if (accel && key === 'g') {
      show(source.step(event.shiftKey ? -1 : 1));
    } else if (event.key === 'End' && !typing) {
      following.setFollow(true);
    } else if (key === 'w' && !accel && !event.altKey && !typing) {
      setWrap(!wrap);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      ref={root}
      className="jp-mlrun-log"
      onKeyDown={onKeyDown}
      onFocus={() => setFocused(true)}
      onBlur={() => setFocused(false)}
    >
      <LogBar
        source={source}
        wrap={wrap}
        follow={following.follow}
        onWrap={() => setWrap(!wrap)}
        onFollow={() => following.setFollow(!following.follow)}
        onProblem={() => void problem(1)}
        onLine={show}
        onDownload={props.onDownload}
      />
      <Failures source={source} problem={refused} />
      <div className="jp-mlrun-log-frame">
        <Lines
          {...props}
          {...{ scroller, wrap, cursor, following, lines, rows, show, onAll }}
        />
        {following.unseen > 0 && source.live && <Pill {...following} />}
      </div>
      <Foot source={source} />
      <span className="jp-mlrun-hidden" aria-live="polite">
        {useAnnouncement(source, focused)}
      </span>
    </div>
  );
}

function Failures(props: { source: ILogSource; problem: string }) {
  const trans = useTrans();
  const { failure, filtered } = props.source;
  return (
    <>
      {failure && (
        <Note kind="error">
          {trans.__('The log was not read: %1', failure)}
        </Note>
      )}
      {props.problem && (
        <Note kind="error">
          {trans.__('The next problem was not found: %1', props.problem)}
        </Note>
      )}
      {filtered?.failure && (
        <Note kind="error">
          {trans.__('The lines were not chosen: %1', filtered.failure)}
        </Note>
      )}
    </>
  );
}

interface ILinesProps extends ILogViewProps {
  scroller: React.RefObject<HTMLDivElement>;
  wrap: boolean;
  cursor: number | null;
  following: ReturnType<typeof useFollow>;
  lines: ReturnType<typeof useLines>;
  rows: ReturnType<typeof useVirtualizer<HTMLDivElement, Element>>;
  show: (line: number | null) => void;
  /** Show a line among all lines. */
  onAll: (line: number) => void;
}

function Lines(props: ILinesProps) {
  const trans = useTrans();
  const { source, wrap, cursor, following, lines, rows, show } = props;
  const { page, pages } = lines;
  return (
    <div
      ref={props.scroller}
      className={`jp-mlrun-log-lines${wrap ? ' jp-mod-wrap' : ''}`}
      role="log"
      aria-live="off"
      aria-label={trans.__('Log')}
      tabIndex={0}
      onScroll={following.onScroll}
      onWheel={following.onWheel}
      onKeyDown={following.onKeyDown}
    >
      {page > 0 && (
        <Button
          label={trans.__('Earlier lines')}
          onClick={() => show(lines.numberAt(0) - 1)}
        />
      )}
      <div style={{ height: rows.getTotalSize(), position: 'relative' }}>
        {rows.getVirtualItems().map(item => {
          const n = lines.numberAt(item.index);
          return (
            <div
              key={n}
              ref={wrap ? rows.measureElement : undefined}
              data-index={item.index}
              className="jp-mlrun-log-row"
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <LogLine
                n={n}
                line={lines.lineAt(item.index)}
                source={source}
                current={n === cursor}
                onPlace={props.onPlace}
                onNumber={source.filtered ? props.onAll : undefined}
              />
            </div>
          );
        })}
      </div>
      {page < pages - 1 && (
        <Button
          label={trans.__('Later lines')}
          onClick={() => show(lines.numberAt(lines.count - 1) + 1)}
        />
      )}
      <Nothing source={source} />
    </div>
  );
}

function Nothing(props: { source: ILogSource }) {
  const trans = useTrans();
  const { source } = props;
  const { filtered } = source;
  if (filtered && !filtered.matches.length && !filtered.failure) {
    return (
      <div className="jp-mlrun-quiet">
        {trans.__('No line is of this level.')}{' '}
        <Button
          label={trans.__('Show all lines')}
          onClick={() => void source.show(null)}
        />
      </div>
    );
  }
  return source.loaded && source.total === 0 ? (
    <div className="jp-mlrun-quiet">
      {source.live
        ? trans.__('Nothing has been written yet.')
        : trans.__('This run has written nothing.')}
    </div>
  ) : null;
}

function Pill(props: { unseen: number; setFollow: (on: boolean) => void }) {
  const trans = useTrans();
  return (
    <button
      type="button"
      className="jp-mlrun-log-pill"
      onClick={() => props.setFollow(true)}
    >
      {trans._n('%1 new line', '%1 new lines', props.unseen)}
    </button>
  );
}

function Foot(props: { source: ILogSource }) {
  const trans = useTrans();
  const { source } = props;
  const { filtered, total } = source;
  const lines = trans
    ._n('%1 line, %2', '%1 lines, %2', total, formatSize(source.size))
    .replace(String(total), formatCount(total));
  return (
    <div className="jp-mlrun-foot">
      <span>{lines}</span>
      {source.indexed < source.size && (
        <span role="status">
          {trans.__(
            'counting: %1',
            new Intl.NumberFormat(undefined, { style: 'percent' }).format(
              source.indexed / source.size
            )
          )}
        </span>
      )}
      {source.problems > 0 && (
        <span>{trans._n('%1 problem', '%1 problems', source.problems)}</span>
      )}
      {filtered && (
        <span role="status">
          {filtered.truncated
            ? trans.__(
                'the first %1 lines of this level',
                formatCount(filtered.matches.length)
              )
            : trans._n('%1 shown', '%1 shown', filtered.matches.length)}
        </span>
      )}
      <span className="jp-mlrun-grow" />
      <span>{source.live ? trans.__('following the run') : 'UTF-8'}</span>
    </div>
  );
}

function isInput(target: EventTarget): boolean {
  return (
    target instanceof HTMLElement && target.closest('input, select') !== null
  );
}
