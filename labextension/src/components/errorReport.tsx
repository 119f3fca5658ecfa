import React from 'react';
import type { IErrorFrame } from '../api/documents';
import { LinkButton } from './button';
import { useTrans } from './translation';

const LINES_BEFORE = 2;
const LINES_AFTER = 1;

/** What went wrong, the user's own line of it, and the library's frames on demand. */
export function ErrorReport(props: {
  error: string | null | undefined;
  type: string | null | undefined;
  frames: readonly IErrorFrame[];
  /** The way to the line of the cell. */
  link?: React.ReactNode;
}) {
  const trans = useTrans();
  const [open, setOpen] = React.useState(false);
  const { frames } = props;
  const frame = frames.filter(item => item.cell).pop();
  const last = frames[frames.length - 1];
  const hidden = frames.filter(item => !item.cell);
  return (
    <div className="jp-mlrun-error">
      <Message
        text={props.error || trans.__('The run failed and gave no reason.')}
        type={props.type ?? null}
      />
      <div className="jp-mlrun-error-where">
        {props.link}
        {frame?.function && frame.function !== '<module>' && (
          <span className="jp-mlrun-dim">
            {trans.__('in %1', frame.function)}
          </span>
        )}
        {last && last !== frame && (
          <span className="jp-mlrun-dim" title={`${last.file}:${last.line}`}>
            {trans.__('raised in %1', placeOf(last))}
          </span>
        )}
        {hidden.length > 0 && (
          <>
            <span className="jp-mlrun-dim">
              {trans._n(
                '%1 library frame hidden',
                '%1 library frames hidden',
                hidden.length
              )}
            </span>
            <LinkButton
              label={open ? trans.__('Hide') : trans.__('Show')}
              onClick={() => setOpen(!open)}
            />
          </>
        )}
      </div>
      {frame && <Frame frame={frame} />}
      {open &&
        hidden.map((item, index) => <Frame key={index} frame={item} named />)}
    </div>
  );
}

/** The type of an error and what it says, neither of them twice. */
export function partsOf(
  text: string,
  given: string | null
): { type: string | null; rest: string } {
  const type = given ?? /^([\w.]+): /.exec(text)?.[1] ?? null;
  const said = text.trim();
  if (type && (said === type || said.startsWith(`${type}:`))) {
    return { type, rest: said.slice(type.length + 1).trimStart() };
  }
  return { type, rest: text };
}

function Message(props: { text: string; type: string | null }) {
  const trans = useTrans();
  const [open, setOpen] = React.useState(false);
  const { type, rest } = partsOf(props.text, props.type);
  const long = rest.split('\n').length > 3 || rest.length > 360;
  return (
    <div className="jp-mlrun-error-reason">
      <div className={long && !open ? 'jp-mod-folded' : ''}>
        {type && <b>{rest ? `${type}: ` : type}</b>}
        {rest}
      </div>
      {long && (
        <LinkButton
          label={open ? trans.__('Show less') : trans.__('Show all')}
          onClick={() => setOpen(!open)}
        />
      )}
    </div>
  );
}

function placeOf(frame: IErrorFrame): string {
  const parts = frame.file.split(/[\\/]/);
  const packages = parts.lastIndexOf('site-packages');
  const kept = packages >= 0 ? parts.slice(packages + 1) : parts.slice(-2);
  return `${kept.join('/')}:${frame.line}`;
}

function Frame(props: { frame: IErrorFrame; named?: boolean }) {
  const trans = useTrans();
  const { frame } = props;
  const hit = frame.cell ? (frame.cell_line ?? frame.line) : frame.line;
  const lines = frame.text.filter(
    ([line]) => line >= hit - LINES_BEFORE && line <= hit + LINES_AFTER
  );
  return (
    <div
      className="jp-mlrun-error-frame"
      role="group"
      aria-label={trans.__('Line %1 of the code that failed', hit)}
    >
      {props.named && (
        <div className="jp-mlrun-dim">
          <i />
          {placeOf(frame)} {frame.function}
        </div>
      )}
      {lines.map(([line, text]) => (
        <div key={line} className={line === hit ? 'jp-mod-hit' : ''}>
          <i>{line}</i>
          <code>{text}</code>
        </div>
      ))}
    </div>
  );
}
