import React from 'react';
import type { ILogLine } from '../api/logs';
import { AnsiText, IMark, plainText } from './ansi';
import type { ILogSource } from './logBar';
import { placesIn } from './logPlaces';
import { useTrans } from './translation';

/** Opens a place in code that a log names. */
export type OpenPlace = (file: string, line: number) => void;

function clockOf(line: ILogLine): string {
  return line.t === null
    ? ''
    : new Date(line.t * 1000).toTimeString().slice(0, 8);
}

/** The places of a line that match, on its text as it is shown. */
function matchesOf(
  line: ILogLine,
  search: NonNullable<ILogSource['search']>
): IMark[] {
  const shown = search.matches[search.current];
  const inLine = search.matches.filter(match => match.n === line.n);
  if (inLine.length === 0 || search.failure) {
    return [];
  }
  const pattern = search.regex
    ? search.q
    : search.q.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  let expression: RegExp;
  try {
    expression = new RegExp(pattern, search.case ? 'g' : 'gi');
  } catch {
    // the service's expressions are Python's; some, such as (?i), the browser does not know
    return [];
  }
  return [...plainText(line.text).matchAll(expression)]
    .filter(match => match[0] !== '')
    .map((match, index) => ({
      start: match.index,
      end: match.index + match[0].length,
      current: inLine[index] === shown
    }));
}

function useLinks(text: string | undefined, onPlace?: OpenPlace): IMark[] {
  const trans = useTrans();
  return React.useMemo(
    () =>
      text === undefined || !onPlace
        ? []
        : placesIn(plainText(text)).map(place => ({
            start: place.start,
            end: place.end,
            title: trans.__('Open %1 at line %2', place.file, place.line),
            open: () => onPlace(place.file, place.line)
          })),
    [text, onPlace, trans]
  );
}

/** One line of a log with its gutter: number, time, text. */
export function LogLine(props: {
  n: number;
  /** The line, where it is known. */
  line: ILogLine | undefined;
  source: ILogSource;
  current: boolean;
  onPlace?: OpenPlace;
  /** Shows the line among all others, where only some are shown. */
  onNumber?: (n: number) => void;
}) {
  const trans = useTrans();
  const { n, line, source, current, onNumber } = props;
  const links = useLinks(line?.text, props.onPlace);
  const matches = line && source.search ? matchesOf(line, source.search) : [];
  const marks = matches.length
    ? [
        ...matches,
        ...links.filter(
          link =>
            !matches.some(one => one.start < link.end && link.start < one.end)
        )
      ].sort((one, other) => one.start - other.start)
    : links;
  const classes = ['jp-mlrun-log-line'];
  if (line && source.isProblem(line.text)) {
    classes.push('jp-mod-problem');
  }
  if (current) {
    classes.push('jp-mod-current');
  }
  return (
    <div className={classes.join(' ')}>
      <i>
        {onNumber ? (
          <button
            type="button"
            className="jp-mlrun-link"
            title={trans.__('Show line %1 among all lines', n)}
            onClick={() => onNumber(n)}
          >
            {n}
          </button>
        ) : (
          n
        )}
      </i>
      <u>{line && clockOf(line)}</u>
      <span>
        {line && (
          <AnsiText text={line.text} marks={marks.length ? marks : undefined} />
        )}
      </span>
    </div>
  );
}
