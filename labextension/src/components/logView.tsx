import { useVirtualizer } from '@tanstack/react-virtual';
import React from 'react';
import type { ILogLine } from '../api/logs';
import { formatCount, formatSize } from '../format';
import { AnsiText, plainText } from './ansi';
import { Button } from './button';
import { ILogSource, LogBar } from './logBar';
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

function useFollow(source: ILogSource, scroller: React.RefObject<HTMLElement>) {
  const [follow, setFollow] = React.useState(source.live);
  const [seen, setSeen] = React.useState(0);
  const last = React.useRef(0);
  return {
    follow,
    unseen: follow ? 0 : source.total - Math.max(seen, 0),
    setFollow: (on: boolean) => {
      setFollow(on);
      setSeen(source.total);
    },
    onScroll: () => {
      const box = scroller.current;
      if (!box) {
        return;
      }
      const rest = box.scrollHeight - box.scrollTop - box.clientHeight;
      // only the user scrolls up; the view itself goes down alone
      if (box.scrollTop < last.current - 1 && rest > LINE && follow) {
        setFollow(false);
        setSeen(source.total);
      }
      last.current = box.scrollTop;
    }
  };
}

/** A log of any length with its bar: search, problems, wrap, follow, download. */
export function LogView(props: {
  source: ILogSource;
  wish?: ILineWish | null;
  onDownload: () => void;
}) {
  const trans = useTrans();
  const { source, wish } = props;
  const scroller = React.useRef<HTMLDivElement>(null);
  const [wrap, setWrap] = React.useState(false);
  const [cursor, setCursor] = React.useState<number | null>(null);
  const [page, setPage] = React.useState(0);
  const following = useFollow(source, scroller);
  const pages = Math.max(1, Math.ceil(source.total / PAGE));
  const first = page * PAGE;
  const count = Math.min(PAGE, Math.max(0, source.total - first));
  const rows = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE,
    overscan: OVERSCAN,
    paddingStart: END,
    paddingEnd: END
  });
  const show = (line: number | null) => {
    if (line !== null) {
      following.setFollow(false);
      setCursor(line);
      setPage(Math.floor((line - 1) / PAGE));
      requestAnimationFrame(() =>
        rows.scrollToIndex((line - 1) % PAGE, { align: 'center' })
      );
    }
  };
  React.useEffect(() => {
    if (wish && source.loaded) {
      show(wish.line);
    }
  }, [wish, source.loaded]);
  React.useEffect(() => rows.measure(), [wrap]);
  React.useLayoutEffect(() => {
    if (following.follow && count > 0) {
      setPage(pages - 1);
      rows.scrollToIndex(count - 1, { align: 'end' });
    }
  }, [following.follow, count, wrap, pages]);
  const problem = async (by: 1 | -1) =>
    show(await source.nextProblem(cursor ?? 0, by));
  return (
    <div
      className="jp-mlrun-log"
      onKeyDown={event => {
        if (event.key === 'F8') {
          event.preventDefault();
          void problem(event.shiftKey ? -1 : 1);
        } else if (event.key === 'End' && !isInput(event.target)) {
          event.preventDefault();
          following.setFollow(true);
        } else if (event.key.toLowerCase() === 'w' && !isInput(event.target)) {
          setWrap(!wrap);
        }
      }}
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
      {source.failure && (
        <Note kind="error">
          {trans.__('The log was not read: %1', source.failure)}
        </Note>
      )}
      <div className="jp-mlrun-log-frame">
        <div
          ref={scroller}
          className={`jp-mlrun-log-lines${wrap ? ' jp-mod-wrap' : ''}`}
          role="log"
          aria-live="off"
          aria-label={trans.__('Log')}
          tabIndex={0}
          onScroll={following.onScroll}
        >
          {page > 0 && (
            <Button
              label={trans.__('Earlier lines')}
              onClick={() => show(first)}
            />
          )}
          <div style={{ height: rows.getTotalSize(), position: 'relative' }}>
            {rows.getVirtualItems().map(item => {
              const n = first + item.index + 1;
              return (
                <div
                  key={n}
                  ref={wrap ? rows.measureElement : undefined}
                  data-index={item.index}
                  className="jp-mlrun-log-row"
                  style={{ transform: `translateY(${item.start}px)` }}
                >
                  <Line n={n} source={source} current={n === cursor} />
                </div>
              );
            })}
          </div>
          {page < pages - 1 && (
            <Button
              label={trans.__('Later lines')}
              onClick={() => show(first + PAGE + 1)}
            />
          )}
          {source.loaded && source.total === 0 && (
            <div className="jp-mlrun-quiet">
              {source.live
                ? trans.__('Nothing has been written yet.')
                : trans.__('This run has written nothing.')}
            </div>
          )}
        </div>
        {following.unseen > 0 && source.live && (
          <button
            type="button"
            className="jp-mlrun-log-pill"
            onClick={() => following.setFollow(true)}
          >
            {trans._n('%1 new line', '%1 new lines', following.unseen)}
          </button>
        )}
      </div>
      <footer className="jp-mlrun-log-foot">
        <span>
          {trans
            ._n(
              '%1 line, %2',
              '%1 lines, %2',
              source.total,
              formatSize(source.size)
            )
            .replace(String(source.total), formatCount(source.total))}
        </span>
        {source.problems > 0 && (
          <span>{trans._n('%1 problem', '%1 problems', source.problems)}</span>
        )}
        <span className="jp-mlrun-grow" />
        <span>{source.live ? trans.__('following the run') : 'UTF-8'}</span>
      </footer>
    </div>
  );
}

function isInput(target: EventTarget): boolean {
  return target instanceof HTMLElement && target.closest('input') !== null;
}

function clockOf(line: ILogLine): string {
  return line.t === null
    ? ''
    : new Date(line.t * 1000).toTimeString().slice(0, 8);
}

/** The places of a line that match, on its text as it is shown. */
function marksOf(line: ILogLine, search: NonNullable<ILogSource['search']>) {
  const shown = search.matches[search.current];
  const inLine = search.matches.filter(match => match.n === line.n);
  if (inLine.length === 0 || search.failure) {
    return undefined;
  }
  const pattern = search.regex
    ? search.q
    : search.q.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const found = plainText(line.text).matchAll(
    new RegExp(pattern, search.case ? 'g' : 'gi')
  );
  return [...found]
    .filter(match => match[0] !== '')
    .map((match, index) => ({
      start: match.index,
      end: match.index + match[0].length,
      current: inLine[index] === shown
    }));
}

function Line(props: { n: number; source: ILogSource; current: boolean }) {
  const { n, source, current } = props;
  const line = source.line(n);
  const marks =
    line && source.search ? marksOf(line, source.search) : undefined;
  const classes = ['jp-mlrun-log-line'];
  if (line && source.isProblem(line.text)) {
    classes.push('jp-mod-problem');
  }
  if (current) {
    classes.push('jp-mod-current');
  }
  return (
    <div className={classes.join(' ')}>
      <i>{n}</i>
      <u>{line && clockOf(line)}</u>
      <span>{line && <AnsiText text={line.text} marks={marks} />}</span>
    </div>
  );
}
