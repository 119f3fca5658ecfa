import React from 'react';
import { Button } from './button';

/** What an empty place shows: a sentence, the line to type, one button. */
export function Empty(props: {
  children: React.ReactNode;
  /** The magic line that fills the place. */
  line?: string;
  action?: { label: string; onClick: () => void };
}) {
  return (
    <div className="jp-mlrun-empty">
      <div>{props.children}</div>
      {props.line && <code className="jp-mlrun-empty-line">{props.line}</code>}
      {props.action && <Button {...props.action} />}
    </div>
  );
}

/** Three still rows in the place of those that are on their way. */
export function Skeleton(props: { label: string; rows?: number }) {
  const widths = [52, 33, 61, 45];
  return (
    <div className="jp-mlrun-skeleton" role="status" aria-label={props.label}>
      {[...Array(props.rows ?? 3).keys()].map(row => (
        <div key={row} className="jp-mlrun-skeleton-row">
          <i className="jp-mlrun-skeleton-dot" />
          <i style={{ width: `${widths[row % widths.length]}%` }} />
        </div>
      ))}
    </div>
  );
}
