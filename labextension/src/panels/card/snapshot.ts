import type { TranslationBundle } from '@jupyterlab/translation';
import type { IRunRow } from '../../api/documents';
import { gapOf } from '../../components/runWords';
import { shapeOf, stateWord } from '../../components/stateIcon';
import { formatDuration, formatResult, parseTime, shortId } from '../../format';

const MARKS: Readonly<Record<string, string>> = {
  completed: '✔',
  error: '✖',
  aborted: '■',
  running: '●',
  pending: '○',
  created: '○'
};

// 3:1 on white and on black
const COLORS: Readonly<Record<string, string>> = {
  completed: '#388e3c',
  error: '#e53935',
  aborted: '#e65100'
};

const SHOWN = 3;

function escape(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;');
}

function factsOf(row: IRunRow, trans: TranslationBundle): string {
  const word = stateWord(row.state, trans);
  const state =
    row.duration === null
      ? word
      : trans.__('%1 in %2', word, formatDuration(row.duration));
  const results = Object.entries(row.results)
    .slice(0, SHOWN)
    .map(([key, value]) => `${key} ${formatResult(value)}`);
  return [state, ...results].join(', ');
}

/** The first line of what is wrong, or nothing. */
function troubleOf(row: IRunRow): string {
  return (row.error ?? gapOf(row) ?? '').split('\n')[0];
}

/** One line for places that show text only. */
export function plainLine(row: IRunRow, trans: TranslationBundle): string {
  const mark = MARKS[row.state] ?? '?';
  const trouble = troubleOf(row);
  const error = trouble ? ` — ${trouble}` : '';
  return `${mark} ${row.name} ${factsOf(row, trans)}${error} [run ${shortId(row.uid)}, project ${row.project}]`;
}

/** A still card for places without our extension: no script, inline colours, the words said. */
export function stillCard(row: IRunRow, trans: TranslationBundle): string {
  const color = COLORS[shapeOf(row.state)] ?? '#757575';
  const ended = parseTime(row.end_time ?? row.last_update);
  const when = ended
    ? `${new Date(ended).toISOString().slice(0, 16).replace('T', ' ')} UTC`
    : '';
  const trouble = troubleOf(row);
  const error = trouble ? `<div>${escape(trouble)}</div>` : '';
  const where = trans.__(
    'run %1, project %2, %3. Snapshot; open the notebook in JupyterLab to see it live.',
    shortId(row.uid),
    row.project,
    when
  );
  return (
    `<div style="border:1px solid #888;border-left:4px solid ${color};padding:6px 10px;font-family:sans-serif;font-size:13px">` +
    `<div>${MARKS[row.state] ?? '?'} <b>${escape(row.name)}</b> ${escape(factsOf(row, trans))}</div>` +
    `${error}<div style="font-size:11px">${escape(where)}</div></div>`
  );
}
