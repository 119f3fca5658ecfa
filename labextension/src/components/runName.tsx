import React from 'react';
import type { IRunRow } from '../api/documents';
import { Icon } from './icon';
import { useTrans } from './translation';

/** The name of a run in a grid: its iterations' caret, the name, and what qualifies it. */
export function RunName(props: {
  row: IRunRow;
  why: string;
  leaving: boolean;
  expanded: boolean;
  onExpand: (wanted: boolean) => void;
  /** What stands between the name and the words. */
  mark?: React.ReactNode;
  showProject?: boolean;
}) {
  const { row, why, leaving } = props;
  return (
    <span
      role="gridcell"
      className="jp-mlrun-runs-name"
      title={why ? `${row.name} · ${why}` : row.name}
    >
      {row.iterations && <Caret {...props} />}
      <bdi className={leaving ? 'jp-mod-leaving' : ''}>{row.name}</bdi>
      {props.mark}
      {why && <Aside text={why} />}
      {props.showProject && <Aside text={row.project} />}
    </span>
  );
}

function Aside({ text }: { text: string }) {
  return (
    <span className="jp-mlrun-dim jp-mlrun-runs-why">
      <bdi>{text}</bdi>
    </span>
  );
}

function Caret(props: {
  expanded: boolean;
  onExpand: (wanted: boolean) => void;
}) {
  const trans = useTrans();
  const { expanded } = props;
  return (
    <button
      type="button"
      className="jp-mlrun-runs-caret"
      tabIndex={-1}
      aria-label={
        expanded
          ? trans.__('Hide the iterations')
          : trans.__('Show the iterations')
      }
      onClick={() => props.onExpand(!expanded)}
    >
      <Icon name={expanded ? 'caretDown' : 'caretRight'} size={12} />
    </button>
  );
}
