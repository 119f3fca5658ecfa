import React from 'react';
import { IRunRow, Json, Series, isLive } from '../../api/documents';
import { AnsiText } from '../../components/ansi';
import { Sparkline, seriesValues } from '../../components/sparkline';
import { useTrans } from '../../components/translation';
import {
  formatParameter,
  formatResult,
  formatSize,
  formatUri
} from '../../format';
import type { ICardArtifact, ICardFacts } from './bundle';
import type { ICardProps } from './props';

const TAIL_LINES = 4;
const URI_LENGTH = 40;

/** A name with a value in a card's column. */
export interface IEntry {
  key: string;
  value: React.ReactNode;
  title?: string;
}

/** What a run has given so far: declared outputs first, then whatever else came. */
export function outputsOf(
  row: IRunRow,
  facts: ICardFacts
): { key: string; result?: Json; artifact?: ICardArtifact }[] {
  const artifacts = new Map(facts.artifacts.map(item => [item.key, item]));
  const keys = new Set([
    ...facts.declared,
    ...Object.keys(row.results),
    ...artifacts.keys()
  ]);
  return [...keys].map(key => ({
    key,
    result: row.results[key],
    artifact: artifacts.get(key)
  }));
}

/** Parameters, what came of it, and where from: three columns of fixed height. */
export function Columns(props: ICardProps) {
  const trans = useTrans();
  const { model } = props;
  const { row, facts } = model;
  // events bring the points of a run that goes on; its document may be of its first
  const series = row.series ?? model.run.doc?.status.series ?? NO_SERIES;
  return (
    <div
      className="jp-mlrun-card-columns"
      style={{ '--mlrun-card-rows': model.rows } as React.CSSProperties}
    >
      <Column
        title={trans.__('Parameters')}
        entries={Object.entries(row.parameters).map(([key, value]) => ({
          key,
          value: formatParameter(value),
          title: formatParameter(value)
        }))}
        rows={model.rows}
        empty={trans.__('none')}
      />
      <Outputs
        title={
          isLive(row.state) ? trans.__('Results so far') : trans.__('Results')
        }
        rows={model.rows}
        series={series}
        outputs={outputsOf(row, facts)}
        waiting={isLive(row.state)}
      />
      <Column
        title={trans.__('Inputs and place')}
        entries={placeOf(row, facts, trans.__('where'))}
        rows={model.rows}
        empty={trans.__('none')}
      />
    </div>
  );
}

const NO_SERIES: Record<string, Series> = {};

function placeOf(row: IRunRow, facts: ICardFacts, where: string): IEntry[] {
  const inputs: IEntry[] = Object.entries(facts.inputs).map(([key, uri]) => ({
    key,
    value: formatUri(uri, URI_LENGTH),
    title: uri
  }));
  const place = [row.kind, row.host].filter(Boolean).join(', ');
  return place ? [...inputs, { key: where, value: place }] : inputs;
}

function Column(props: {
  title: string;
  entries: IEntry[];
  rows: number;
  empty: string;
}) {
  const { entries, rows } = props;
  const shown = entries.length > rows ? rows - 1 : rows;
  return (
    <div>
      <h4>{props.title}</h4>
      <dl className="jp-mlrun-card-values">
        {entries.slice(0, shown).map(entry => (
          <React.Fragment key={entry.key}>
            <dt title={entry.key}>
              <bdi>{entry.key}</bdi>
            </dt>
            <dd title={entry.title}>
              <bdi>{entry.value}</bdi>
            </dd>
          </React.Fragment>
        ))}
      </dl>
      {entries.length === 0 && (
        <div className="jp-mlrun-dim">{props.empty}</div>
      )}
      <More
        count={entries.length - shown}
        names={entries.slice(shown).map(item => item.key)}
      />
    </div>
  );
}

function More(props: { count: number; names: string[] }) {
  const trans = useTrans();
  return props.count > 0 ? (
    <div className="jp-mlrun-dim" title={props.names.join(', ')}>
      {trans.__('+%1 more', props.count)}
    </div>
  ) : null;
}

function Outputs(props: {
  title: string;
  outputs: ReturnType<typeof outputsOf>;
  series: Record<string, Series>;
  rows: number;
  waiting: boolean;
}) {
  const trans = useTrans();
  const { outputs, rows } = props;
  const shown = outputs.length > rows ? rows - 1 : rows;
  return (
    <div>
      <h4>{props.title}</h4>
      <div className="jp-mlrun-card-results" role="list">
        {outputs.slice(0, shown).map(output => (
          <Output
            key={output.key}
            label={output.key}
            result={output.result}
            artifact={output.artifact}
            values={seriesValues(props.series[output.key] ?? [])}
            waiting={props.waiting}
          />
        ))}
      </div>
      {outputs.length === 0 && (
        <div className="jp-mlrun-dim">{trans.__('none')}</div>
      )}
      <More
        count={outputs.length - shown}
        names={outputs.slice(shown).map(item => item.key)}
      />
    </div>
  );
}

function Output(props: {
  label: string;
  result?: Json;
  artifact?: ICardArtifact;
  values: number[];
  waiting: boolean;
}) {
  const trans = useTrans();
  const { label, result, artifact, values, waiting } = props;
  const nothing = waiting ? '…' : trans.__('not given');
  const text = result === undefined ? nothing : formatResult(result);
  return (
    <div role="listitem">
      <span title={label}>
        <bdi>{label}</bdi>
      </span>
      {artifact && result === undefined ? (
        <span className="jp-mlrun-card-artifact" title={artifact.uri}>
          <bdi>{artifact.kind || trans.__('artifact')}</bdi>{' '}
          <span className="jp-mlrun-dim">
            {artifact.size === null ? '' : formatSize(artifact.size)}
          </span>
        </span>
      ) : (
        <>
          <span
            className="jp-mlrun-number"
            title={result === undefined ? undefined : formatParameter(result)}
          >
            <bdi dir="ltr">{text}</bdi>
          </span>
          <span>
            {values.length > 1 && (
              <Sparkline
                values={values}
                width={62}
                height={16}
                label={trans.__('%1 over %2 steps', label, values.length)}
              />
            )}
          </span>
        </>
      )}
    </div>
  );
}

/** The last lines of the log, in the room that is kept for them. */
export function Tail(props: { lines: readonly string[] }) {
  const trans = useTrans();
  const lines = [...Array(TAIL_LINES).keys()].map(
    index => props.lines[index] ?? ''
  );
  return (
    <div
      className="jp-mlrun-card-tail"
      role="log"
      aria-live="off"
      aria-label={trans.__('Last lines of the log')}
    >
      {lines.map((line, index) => (
        <div key={index}>
          <AnsiText text={line} />
        </div>
      ))}
    </div>
  );
}
