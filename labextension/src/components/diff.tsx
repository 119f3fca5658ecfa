import { diffLines, structuredPatch } from 'diff';
import React from 'react';
import { useTrans } from './translation';

/** A line of a comparison: which side it is on and its number on each. */
export interface IDiffLine {
  kind: 'same' | 'added' | 'removed' | 'gap';
  from: number | null;
  to: number | null;
  text: string;
}

const SIGN = { same: ' ', added: '+', removed: '−', gap: '' } as const;

/** The lines of two texts side by side in one column, with `context` equal lines around changes. */
export function diffOf(from: string, to: string, context = 3): IDiffLine[] {
  const patch = structuredPatch('', '', ended(from), ended(to), '', '', {
    context
  });
  const lines: IDiffLine[] = [];
  for (const hunk of patch.hunks) {
    if (hunk.oldStart > 1 || lines.length) {
      lines.push({ kind: 'gap', from: null, to: null, text: '⋯' });
    }
    let [before, after] = [hunk.oldStart, hunk.newStart];
    for (const line of hunk.lines) {
      const text = line.slice(1);
      if (line[0] === '+') {
        lines.push({ kind: 'added', from: null, to: after++, text });
      } else if (line[0] === '-') {
        lines.push({ kind: 'removed', from: before++, to: null, text });
      } else if (line[0] === ' ') {
        lines.push({ kind: 'same', from: before++, to: after++, text });
      }
    }
  }
  return lines;
}

function ended(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}

/** Whether two texts differ in more than their last line's end. */
export function isChanged(from: string, to: string): boolean {
  return diffLines(ended(from), ended(to)).some(
    part => part.added || part.removed
  );
}

/** What changed from one text to another, line by line. */
export function Diff(props: { from: string; to: string; label: string }) {
  const trans = useTrans();
  const lines = React.useMemo(
    () => diffOf(props.from, props.to),
    [props.from, props.to]
  );
  if (lines.length === 0) {
    return <div className="jp-mlrun-quiet">{trans.__('No difference.')}</div>;
  }
  const word = {
    same: '',
    gap: '',
    added: trans.__('added'),
    removed: trans.__('removed')
  };
  return (
    <div
      className="jp-mlrun-diff"
      role="table"
      aria-label={props.label}
      tabIndex={0}
    >
      {lines.map((line, index) => (
        <div key={index} role="row" className={`jp-mod-${line.kind}`}>
          <i role="cell">{line.from}</i>
          <i role="cell">{line.to}</i>
          <b role="cell" aria-label={word[line.kind]}>
            {SIGN[line.kind]}
          </b>
          <code role="cell">{line.text}</code>
        </div>
      ))}
    </div>
  );
}
