import React from 'react';
import type { IArtifact, Json, JsonMap } from '../../api/documents';
import { Empty } from '../../components/empty';
import { Histogram } from '../../components/histogram';
import { useTrans } from '../../components/translation';
import { formatCount, formatResult } from '../../format';

const NUMBERS = ['mean', 'std', 'min', 'max'] as const;

/** The statistics of columns that an artifact carries. */
export function statsOf({ spec, status }: IArtifact): [string, JsonMap][] {
  const found = (status?.stats ?? spec.stats ?? spec.feature_stats) as
    JsonMap | undefined;
  return Object.entries(found ?? {}).filter(
    (entry): entry is [string, JsonMap] =>
      typeof entry[1] === 'object' &&
      entry[1] !== null &&
      !Array.isArray(entry[1])
  );
}

/** Count, mean, spread and distribution of each column; metrics of a model before them. */
export function Statistics({ artifact }: { artifact: IArtifact }) {
  const trans = useTrans();
  const stats = statsOf(artifact);
  const metrics = Object.entries((artifact.spec.metrics ?? {}) as JsonMap);
  if (stats.length === 0 && metrics.length === 0) {
    return (
      <Empty line='context.log_dataset("df", df=df, stats=True)'>
        {trans.__('Nothing was counted. Ask for it when it is kept:')}
      </Empty>
    );
  }
  return (
    <>
      {metrics.length > 0 && <Metrics metrics={metrics} />}
      {stats.length > 0 && (
        <div
          className="jp-mlrun-scrolls jp-mlrun-statistics"
          tabIndex={0}
          role="group"
          aria-label={trans.__('Statistics of the columns')}
        >
          <table className="jp-mlrun-data">
            <thead>
              <tr>
                <th scope="col">{trans.__('Column')}</th>
                <NumberHead>{trans.__('Count')}</NumberHead>
                <NumberHead>{trans.__('Mean')}</NumberHead>
                <NumberHead>{trans.__('Std')}</NumberHead>
                <NumberHead>{trans.__('Min')}</NumberHead>
                <NumberHead>{trans.__('Max')}</NumberHead>
                <th scope="col">{trans.__('Distribution')}</th>
              </tr>
            </thead>
            <tbody>
              {stats.map(([name, column]) => (
                <Column key={name} name={name} column={column} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

function NumberHead(props: { children: React.ReactNode }) {
  return (
    <th scope="col" className="jp-mlrun-num">
      {props.children}
    </th>
  );
}

function Metrics({ metrics }: { metrics: [string, Json][] }) {
  const trans = useTrans();
  return (
    <table className="jp-mlrun-data" aria-label={trans.__('Metrics')}>
      <thead>
        <tr>
          <th scope="col">{trans.__('Metric')}</th>
          <NumberHead>{trans.__('Value')}</NumberHead>
        </tr>
      </thead>
      <tbody>
        {metrics.map(([name, value]) => (
          <tr key={name}>
            <td>
              <bdi>{name}</bdi>
            </td>
            <td className="jp-mlrun-num">{formatResult(value)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Column(props: { name: string; column: JsonMap }) {
  const { name, column } = props;
  const [counts, edges] = Array.isArray(column.hist) ? column.hist : [];
  return (
    <tr>
      <td>
        <bdi>{name}</bdi>
      </td>
      <td className="jp-mlrun-num">
        {typeof column.count === 'number' ? formatCount(column.count) : ''}
      </td>
      {NUMBERS.map(key => (
        <td key={key} className="jp-mlrun-num">
          {column[key] === undefined || column[key] === null
            ? ''
            : formatResult(column[key])}
        </td>
      ))}
      <td>
        {Array.isArray(counts) && Array.isArray(edges) && counts.length > 0 && (
          <Histogram
            name={name}
            counts={counts.map(Number)}
            edges={edges.map(Number)}
          />
        )}
      </td>
    </tr>
  );
}
