import React from 'react';
import type { IRun, Json } from '../../api/documents';
import { Icon } from '../../components/icon';
import { Letter } from '../../components/letter';
import { StateIcon } from '../../components/stateIcon';
import { useTrans } from '../../components/translation';
import {
  formatDuration,
  formatParameter,
  formatResult,
  shortId
} from '../../format';
import { bestOf, ICompareGroup, ICompareRow } from '../../models/comparison';
import type { IAxis, IIterations } from '../../models/iterations';
import { ParallelCoordinates } from '../../components/parallel';
import type { ICompareTable } from './table';

/** Runs as rows, names as columns: for more runs than columns can hold. */
export function TransposedTable(props: ICompareTable) {
  const trans = useTrans();
  const { runs, groups, onlyDifferences, directions } = props;
  const columns = groups.flatMap(group =>
    group.rows
      .filter(row => row.differs || !onlyDifferences)
      .map(row => ({ group, row, best: bestOf(row, directions.get(row.name)) }))
  );
  return (
    <>
      <RunLines runs={runs} groups={groups} />
      <div className="jp-mlrun-compare-scroll">
        <table className="jp-mlrun-compare-table jp-mod-transposed">
          <thead>
            <tr>
              <th scope="col">{trans._n('%1 run', '%1 runs', runs.length)}</th>
              {columns.map(({ group, row }) => (
                <th
                  key={`${group.id} ${row.name}`}
                  scope="col"
                  title={row.name}
                >
                  <bdi>{row.name}</bdi>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {runs.map((run, index) => (
              <tr key={run.metadata.uid}>
                <th scope="row">
                  <span className="jp-mlrun-compare-head">
                    <Letter index={index} />
                    <button
                      type="button"
                      className="jp-mlrun-link"
                      onClick={() => props.onOpen(run)}
                    >
                      <bdi>{run.metadata.name}</bdi>
                    </button>
                    <StateIcon state={run.status.state} size={14} />
                    <span className="jp-mlrun-mono">
                      {shortId(run.metadata.uid ?? '')}
                    </span>
                  </span>
                </th>
                {columns.map(({ group, row, best }) => (
                  <td
                    key={`${group.id} ${row.name}`}
                    title={formatParameter(row.values[index])}
                  >
                    <bdi dir="ltr">{shown(group, row, row.values[index])}</bdi>
                    {best.has(index) && (
                      <span
                        className="jp-mlrun-compare-best"
                        role="img"
                        aria-label={trans.__('best')}
                      >
                        <Icon name="star" size={12} />
                      </span>
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function shown(
  group: ICompareGroup,
  row: ICompareRow,
  value: Json | undefined
): string {
  if (value === undefined) {
    return '–';
  }
  if (group.id !== 'results') {
    return formatParameter(value);
  }
  return row.name === 'duration' && typeof value === 'number'
    ? formatDuration(value)
    : formatResult(value);
}

/** The runs as lines over parallel axes: those parameters and results that differ. */
function RunLines(props: {
  runs: readonly IRun[];
  groups: readonly ICompareGroup[];
}) {
  const { runs, groups } = props;
  const lines = React.useMemo((): IIterations => {
    const axes = groups.flatMap(({ id, rows }): IAxis[] =>
      id === 'parameters' || id === 'results'
        ? rows
            .filter(row => row.differs)
            .map(({ name, values }) => ({
              key: name,
              kind: id === 'results' ? 'result' : 'parameter',
              values: values.map(value => value ?? null)
            }))
        : []
    );
    return {
      numbers: runs.map((_, index) => index + 1),
      states: runs.map(run => run.status.state),
      axes,
      best: null,
      selector: null
    };
  }, [runs, groups]);
  return <ParallelCoordinates iterations={lines} brushes={{}} ofRuns />;
}
