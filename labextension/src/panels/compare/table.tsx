import React from 'react';
import type { IRun, Json } from '../../api/documents';
import { isRightToLeft } from '../../components/direction';
import { Icon } from '../../components/icon';
import { Letter } from '../../components/letter';
import { StateIcon } from '../../components/stateIcon';
import { useNow } from '../../components/clock';
import { useTrans } from '../../components/translation';
import {
  formatDelta,
  formatDuration,
  formatParameter,
  formatResult,
  formatSince,
  parseTime,
  shortId
} from '../../format';
import {
  bestOf,
  Direction,
  ICompareGroup,
  ICompareRow
} from '../../models/comparison';

/** What the comparison's table shows and whom it tells. */
export interface ICompareTable {
  runs: readonly IRun[];
  groups: readonly ICompareGroup[];
  onlyDifferences: boolean;
  directions: ReadonlyMap<string, Direction>;
  onDirection: (name: string) => void;
  onOpen: (run: IRun) => void;
  onRemove: (run: IRun) => void;
  onBaseline: (run: IRun) => void;
}

/** Runs as columns, names as lines: only differences, or everything. */
export function CompareTable(props: ICompareTable) {
  const trans = useTrans();
  const { runs } = props;
  return (
    <div className="jp-mlrun-compare-scroll">
      <table className="jp-mlrun-compare-table">
        <thead>
          <tr>
            <th scope="col">{trans._n('%1 run', '%1 runs', runs.length)}</th>
            {runs.map((run, index) => (
              <RunHead
                key={run.metadata.uid}
                {...props}
                run={run}
                index={index}
              />
            ))}
          </tr>
        </thead>
        {props.groups.map(group => (
          <Group key={group.id} {...props} group={group} />
        ))}
      </table>
    </div>
  );
}

function RunHead(props: ICompareTable & { run: IRun; index: number }) {
  const trans = useTrans();
  const now = useNow();
  const { run, index } = props;
  const end = parseTime(run.status.end_time ?? run.status.start_time);
  const ago = end === null ? '' : formatSince(end, now, trans);
  return (
    <th scope="col" onKeyDown={event => onHeadKey(event, props)}>
      <span className="jp-mlrun-compare-head">
        <Letter index={index} />
        <button
          type="button"
          className="jp-mlrun-link"
          title={`${run.metadata.name} · ${run.metadata.project}/${run.metadata.uid}`}
          onClick={() => props.onOpen(run)}
        >
          <bdi>{run.metadata.name}</bdi>
        </button>
        <StateIcon state={run.status.state} size={14} />
        <span className="jp-mlrun-mono jp-mlrun-dim">
          {shortId(run.metadata.uid ?? '')}
        </span>
        {props.runs.length > 2 && (
          <button
            type="button"
            className="jp-mlrun-iconButton"
            title={trans.__('Leave %1 out', run.metadata.name)}
            aria-label={trans.__('Leave %1 out', run.metadata.name)}
            onClick={() => props.onRemove(run)}
          >
            <Icon name="close" size={12} />
          </button>
        )}
      </span>
      <span className="jp-mlrun-compare-sub">
        {index === 0 ? trans.__('%1, baseline', ago) : ago}
      </span>
    </th>
  );
}

/** ← → go from run to run, B makes the run the baseline. */
function onHeadKey(
  event: React.KeyboardEvent,
  props: ICompareTable & { run: IRun }
): void {
  const head = event.currentTarget;
  const rtl = isRightToLeft(head);
  const to = {
    ArrowLeft: rtl ? head.nextElementSibling : head.previousElementSibling,
    ArrowRight: rtl ? head.previousElementSibling : head.nextElementSibling
  }[event.key];
  if (event.key === 'b') {
    props.onBaseline(props.run);
  } else if (to) {
    to.querySelector<HTMLElement>('.jp-mlrun-link')?.focus();
  } else {
    return;
  }
  event.preventDefault();
  event.stopPropagation();
}

function groupTitle(
  group: ICompareGroup,
  trans: ReturnType<typeof useTrans>
): string {
  switch (group.id) {
    case 'parameters':
      return trans.__('Parameters');
    case 'inputs':
      return trans.__('Inputs');
    case 'results':
      return trans.__('Results');
    case 'origin':
      return trans.__('Origin');
    default:
      return trans.__('Packages');
  }
}

function Group(props: ICompareTable & { group: ICompareGroup }) {
  const trans = useTrans();
  const { group, onlyDifferences } = props;
  const [open, setOpen] = React.useState(true);
  const differing = group.rows.filter(row => row.differs);
  const equal = group.rows.length - differing.length;
  const rows = onlyDifferences ? differing : group.rows;
  const facts = [
    trans._n('%1 differs', '%1 differ', differing.length),
    equal > 0 && onlyDifferences
      ? trans._n('%1 equal hidden', '%1 equal hidden', equal)
      : ''
  ];
  return (
    <tbody>
      <tr className="jp-mlrun-compare-group">
        <th scope="rowgroup" colSpan={props.runs.length + 1}>
          <button
            type="button"
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          >
            <Icon name={open ? 'caretDown' : 'caretRight'} size={12} />
            {groupTitle(group, trans)}
          </button>
          <span className="jp-mlrun-dim">
            {facts.filter(Boolean).join(', ')}
          </span>
        </th>
      </tr>
      {open &&
        rows.map(row => (
          <Line key={row.name} {...props} row={row} groupId={group.id} />
        ))}
    </tbody>
  );
}

function Line(
  props: ICompareTable & { row: ICompareRow; groupId: ICompareGroup['id'] }
) {
  const trans = useTrans();
  const { row, groupId, directions } = props;
  const direction = directions.get(row.name);
  const best = bestOf(row, direction);
  const result = groupId === 'results' && row.numeric;
  const title =
    direction === 'max'
      ? trans.__('More is better: click for less')
      : direction === 'min'
        ? trans.__('Less is better: click to forget')
        : trans.__('Click to mark the greatest as the best');
  return (
    <tr>
      <th scope="row" title={row.name}>
        {result ? (
          <button
            type="button"
            className="jp-mlrun-compare-name"
            title={title}
            onClick={() => props.onDirection(row.name)}
          >
            <bdi>{row.name}</bdi>
            {direction && (
              <Icon
                name={direction === 'max' ? 'upTriangle' : 'downTriangle'}
                size={10}
              />
            )}
          </button>
        ) : (
          <bdi>{row.name}</bdi>
        )}
      </th>
      {row.values.map((value, index) => (
        <Value
          key={index}
          value={value}
          base={row.values[0]}
          row={row}
          first={index === 0}
          best={best.has(index)}
          result={groupId === 'results'}
        />
      ))}
    </tr>
  );
}

function Value(props: {
  value: Json | undefined;
  base: Json | undefined;
  row: ICompareRow;
  first: boolean;
  best: boolean;
  result: boolean;
}) {
  const trans = useTrans();
  const { value, base, first, row } = props;
  const same = !first && JSON.stringify(value) === JSON.stringify(base);
  const delta =
    props.result &&
    !first &&
    !same &&
    typeof value === 'number' &&
    typeof base === 'number'
      ? row.name === 'duration'
        ? `${value < base ? '−' : '+'}${formatDuration(Math.abs(value - base))}`
        : formatDelta(value, base)
      : '';
  const shown =
    value === undefined
      ? '–'
      : !props.result
        ? formatParameter(value)
        : row.name === 'duration' && typeof value === 'number'
          ? formatDuration(value)
          : formatResult(value);
  return (
    <td
      className={same ? 'jp-mod-same' : first ? '' : 'jp-mod-other'}
      title={formatParameter(value)}
    >
      <bdi dir="ltr">{shown}</bdi>
      {delta && (
        <span className="jp-mlrun-dim jp-mlrun-compare-delta">
          <bdi dir="ltr">{delta}</bdi>
        </span>
      )}
      {props.best && (
        <span
          className="jp-mlrun-compare-best"
          role="img"
          aria-label={trans.__('best')}
          title={trans.__('best')}
        >
          <Icon name="star" size={12} />
        </span>
      )}
    </td>
  );
}
