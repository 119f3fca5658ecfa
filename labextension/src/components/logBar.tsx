import React from 'react';
import type { ILogLine, ILogMatch, LogLevel } from '../api/logs';
import { formatCount } from '../format';
import { Chip, IconButton } from './button';
import { Icon } from './icon';
import { StateIcon } from './stateIcon';
import { useTrans } from './translation';

const QUIET = 250;

/** What a log view shows and asks for. */
export interface ILogSource {
  readonly total: number;
  readonly size: number;
  readonly indexed: number;
  readonly problems: number;
  readonly live: boolean;
  readonly loaded: boolean;
  readonly failure: string | null;
  readonly search: {
    q: string;
    regex: boolean;
    case: boolean;
    matches: readonly ILogMatch[];
    truncated: boolean;
    current: number;
    failure: string | null;
  } | null;
  readonly filtered: {
    level: LogLevel;
    matches: readonly ILogMatch[];
    truncated: boolean;
    failure: string | null;
  } | null;
  line(n: number): ILogLine | undefined;
  heldLine(n: number): ILogLine | undefined;
  show(level: LogLevel | null): Promise<void>;
  isProblem(text: string): boolean;
  /** Whether what was found is still what is searched for. */
  find(q: string, options: { regex: boolean; case: boolean }): Promise<boolean>;
  step(by: 1 | -1): number | null;
  nextProblem(line: number, by: 1 | -1): Promise<number | null>;
}

/** The bar over a log: search, problems, wrap, follow, download. */
export function LogBar(props: {
  source: ILogSource;
  wrap: boolean;
  follow: boolean;
  onWrap: () => void;
  onFollow: () => void;
  onProblem: () => void;
  onLine: (line: number | null) => void;
  onDownload: () => void;
}) {
  const trans = useTrans();
  const { source } = props;
  return (
    <div
      className="jp-mlrun-log-bar"
      role="toolbar"
      aria-label={trans.__('Log tools')}
    >
      <Search source={source} onLine={props.onLine} />
      <Levels source={source} />
      {source.problems > 0 && (
        <button
          type="button"
          className="jp-mlrun-button"
          title={trans.__('Next problem (F8)')}
          onClick={props.onProblem}
        >
          <StateIcon state="unhealthy" size={14} decorative />
          <span className="jp-mlrun-hidden">{trans.__('Problems:')}</span>
          {formatCount(source.problems)}
        </button>
      )}
      <span className="jp-mlrun-grow" />
      <IconButton
        label={trans.__('Wrap long lines (W)')}
        icon="wrap"
        pressed={props.wrap}
        onClick={props.onWrap}
      />
      <IconButton
        label={trans.__('Follow the end (End)')}
        icon="follow"
        pressed={props.follow}
        onClick={props.onFollow}
      />
      <IconButton
        label={trans.__('Download the log')}
        icon="download"
        onClick={props.onDownload}
      />
    </div>
  );
}

function Levels(props: { source: ILogSource }) {
  const trans = useTrans();
  const { source } = props;
  return (
    <select
      className="jp-mlrun-button jp-mlrun-log-level"
      aria-label={trans.__('Lines to show')}
      value={source.filtered?.level ?? 'all'}
      onChange={event => {
        const { value } = event.target;
        void source.show(value === 'all' ? null : (value as LogLevel));
      }}
    >
      <option value="all">{trans.__('All levels')}</option>
      <option value="warning">{trans.__('Warnings and problems')}</option>
      <option value="problem">{trans.__('Problems')}</option>
    </select>
  );
}

function Search(props: {
  source: ILogSource;
  onLine: (line: number | null) => void;
}) {
  const trans = useTrans();
  const { source, onLine } = props;
  const [q, setQ] = React.useState('');
  const [regex, setRegex] = React.useState(false);
  const [exact, setExact] = React.useState(false);
  const timer = React.useRef<number>();
  const first = async (
    text: string,
    options: { regex: boolean; case: boolean }
  ) => {
    if (await source.find(text, options)) {
      onLine(source.search?.matches[0]?.n ?? null);
    }
  };
  const ask = (
    text: string,
    options = { regex, case: exact },
    wait = QUIET
  ) => {
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => void first(text, options), wait);
  };
  React.useEffect(() => () => window.clearTimeout(timer.current), []);
  return (
    <div className="jp-mlrun-log-search">
      <Icon name="search" size={14} />
      <input
        type="text"
        value={q}
        placeholder={trans.__('Search the log')}
        title={trans.__('Search the log (Ctrl F)')}
        aria-label={trans.__('Search the log')}
        spellCheck={false}
        onChange={event => {
          setQ(event.target.value);
          ask(event.target.value);
        }}
        onKeyDown={event => {
          if (event.key === 'Enter') {
            onLine(source.step(event.shiftKey ? -1 : 1));
          } else if (event.key === 'Escape' && q) {
            event.stopPropagation();
            setQ('');
            ask('', undefined, 0);
          }
        }}
      />
      <Matches source={source} />
      {source.search && source.search.matches.length > 0 && (
        <>
          <IconButton
            label={trans.__('Previous match (Shift Enter)')}
            icon="upTriangle"
            onClick={() => onLine(source.step(-1))}
          />
          <IconButton
            label={trans.__('Next match (Enter)')}
            icon="downTriangle"
            onClick={() => onLine(source.step(1))}
          />
        </>
      )}
      <Chip
        label={trans.__('Regular expression')}
        title={trans.__('Regular expression')}
        on={regex}
        onClick={() => {
          setRegex(!regex);
          ask(q, { regex: !regex, case: exact }, 0);
        }}
      >
        <bdi>.*</bdi>
      </Chip>
      <Chip
        label={trans.__('Match case')}
        title={trans.__('Match case')}
        on={exact}
        onClick={() => {
          setExact(!exact);
          ask(q, { regex, case: !exact }, 0);
        }}
      >
        Aa
      </Chip>
    </div>
  );
}

function Matches(props: { source: ILogSource }) {
  const trans = useTrans();
  const { search } = props.source;
  if (!search) {
    return null;
  }
  const count = search.matches.length;
  const all = search.truncated
    ? trans.__('%1 and more', formatCount(count))
    : formatCount(count);
  const text =
    search.failure ??
    (count
      ? trans.__('%1 of %2', search.current + 1, all)
      : trans.__('no match'));
  return (
    <span
      className={`jp-mlrun-dim jp-mlrun-log-matches${search.failure ? ' jp-mod-failed' : ''}`}
      role="status"
      title={text}
    >
      {text}
    </span>
  );
}
