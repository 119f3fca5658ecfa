import React from 'react';
import type { IRun, Json } from '../../api/documents';
import { LinkButton } from '../../components/button';
import { ErrorReport } from '../../components/errorReport';
import { Sparkline, seriesValues } from '../../components/sparkline';
import { useTrans } from '../../components/translation';
import {
  formatDelta,
  formatDuration,
  formatParameter,
  formatResult,
  formatUri
} from '../../format';
import { ArtifactOverview } from './artifacts';
import {
  IIterations,
  iterationsOf,
  resultValues,
  sweptValues
} from '../../models/iterations';
import { Best } from './iterations';
import { Notifications } from './notifications';
import { ParallelCoordinates } from '../../components/parallel';
import type { IRunTabProps } from './props';

const URI_LENGTH = 52;

/** What went in, what came out, where the time went, and what was kept. */
export function Overview(props: IRunTabProps) {
  const trans = useTrans();
  const { model } = props;
  const { doc } = model;
  const iterations = React.useMemo(() => doc && iterationsOf(doc), [doc]);
  if (!doc || !iterations) {
    return null;
  }
  return (
    <div className="jp-mlrun-overview">
      {doc.status.state === 'error' && <WhatFailed {...props} doc={doc} />}
      <div className="jp-mlrun-two">
        <div>
          <Inputs doc={doc} iterations={iterations} />
          <Times doc={doc} />
        </div>
        <Results
          doc={doc}
          previous={model.previous}
          iterations={iterations}
          onPrevious={props.onOpen}
        />
      </div>
      <ArtifactOverview {...props} />
      <Notifications model={model} />
      {iterations.numbers.length > 0 && (
        <>
          <h2>
            {trans.__('Iterations')} <i>{iterations.numbers.length}</i>
          </h2>
          <ParallelCoordinates iterations={iterations} brushes={{}} />
        </>
      )}
    </div>
  );
}

function WhatFailed(props: IRunTabProps & { doc: IRun }) {
  const trans = useTrans();
  const { status, spec } = props.doc;
  const frame = (status.error_frames ?? []).filter(item => item.cell).pop();
  const line = frame?.cell_line;
  const count = spec.origin?.execution_count;
  return (
    <div className="jp-mlrun-overview-error">
      <ErrorReport
        error={status.error ?? status.reason}
        type={status.error_type}
        frames={status.error_frames ?? []}
        link={
          <>
            {line && (
              <LinkButton
                label={
                  count
                    ? trans.__('Cell [%1], line %2', count, line)
                    : trans.__('Cell, line %1', line)
                }
                onClick={() => props.onCell(line)}
              />
            )}
            <LinkButton
              label={trans.__('Log at error')}
              onClick={() => void props.model.showLog()}
            />
          </>
        }
      />
    </div>
  );
}

function Inputs(props: { doc: IRun; iterations: IIterations }) {
  const trans = useTrans();
  const { spec } = props.doc;
  const parameters = Object.entries(spec.parameters ?? {});
  const swept = props.iterations.axes
    .filter(axis => axis.kind === 'parameter')
    .map(axis => axis.key)
    .filter(key => !(key in (spec.parameters ?? {})));
  const inputs = Object.entries(spec.inputs ?? {});
  const rows: [string, Json | undefined][] = [
    ...parameters,
    ...swept.map((key): [string, undefined] => [key, undefined])
  ];
  return (
    <table className="jp-mlrun-data">
      <thead>
        <tr>
          <th scope="col">{trans.__('Parameter')}</th>
          <th scope="col">{trans.__('Value')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([key, value]) => (
          <tr key={key}>
            <td title={key}>
              <bdi>{key}</bdi>
            </td>
            <td title={formatParameter(value)}>
              <bdi dir="ltr">{formatParameter(value)}</bdi>{' '}
              <Swept values={sweptValues(props.iterations, key)} />
            </td>
          </tr>
        ))}
        {rows.length === 0 && <Nothing columns={2} />}
      </tbody>
      {inputs.length > 0 && (
        <>
          <thead>
            <tr>
              <th scope="col">{trans.__('Input')}</th>
              <th scope="col">{trans.__('Source')}</th>
            </tr>
          </thead>
          <tbody>
            {inputs.map(([key, uri]) => (
              <tr key={key}>
                <td title={key}>
                  <bdi>{key}</bdi>
                </td>
                <td title={uri}>
                  <bdi dir="ltr">{formatUri(uri, URI_LENGTH)}</bdi>
                </td>
              </tr>
            ))}
          </tbody>
        </>
      )}
    </table>
  );
}

function Swept(props: { values: Json[] }) {
  const trans = useTrans();
  const text = props.values.map(formatParameter).join(', ');
  return text ? (
    <span className="jp-mlrun-dim" title={text}>
      {trans.__('swept: %1', text)}
    </span>
  ) : null;
}

function Nothing(props: { columns: number }) {
  const trans = useTrans();
  return (
    <tr>
      <td colSpan={props.columns} className="jp-mlrun-dim">
        {trans.__('none')}
      </td>
    </tr>
  );
}

function Results(props: {
  doc: IRun;
  previous: IRun | null;
  iterations: IIterations;
  onPrevious: (ref: { project: string; uid: string }) => void;
}) {
  const trans = useTrans();
  const { doc, previous, iterations } = props;
  const count = iterations.numbers.length;
  const results = Object.entries(doc.status.results ?? {}).filter(
    ([key]) => key !== 'best_iteration'
  );
  const chosen = iterations.selector?.split('.').slice(1).join('.');
  const missing = Object.keys(doc.status.series ?? {}).filter(
    key => !(key in (doc.status.results ?? {}))
  );
  return (
    <table className="jp-mlrun-data">
      <thead>
        <tr>
          <th scope="col">{trans.__('Result')}</th>
          <th scope="col" className="jp-mlrun-num">
            {trans.__('Value')}
          </th>
          <th scope="col">
            {count
              ? trans._n('%1 iteration', '%1 iterations', count)
              : trans.__('Steps')}
          </th>
          <th scope="col" className="jp-mlrun-num">
            {previous ? (
              <LinkButton
                label={trans.__('vs previous')}
                title={trans.__('Open the previous run of this function')}
                onClick={() =>
                  props.onPrevious({
                    project: previous.metadata.project,
                    uid: previous.metadata.uid ?? ''
                  })
                }
              />
            ) : (
              trans.__('vs previous')
            )}
          </th>
        </tr>
      </thead>
      <tbody>
        {results.map(([key, value]) => (
          <tr key={key}>
            <td title={key}>
              <bdi>{key}</bdi> {key === chosen && <Best />}
            </td>
            <td className="jp-mlrun-num" title={formatParameter(value)}>
              <bdi dir="ltr">{formatResult(value)}</bdi>
            </td>
            <td>
              <Course
                name={key}
                values={
                  count
                    ? resultValues(iterations, key)
                    : seriesValues(doc.status.series?.[key] ?? [])
                }
              />
            </td>
            <td className="jp-mlrun-num">
              <Delta value={value} before={previous?.status.results?.[key]} />
            </td>
          </tr>
        ))}
        {results.length + missing.length === 0 && <Nothing columns={4} />}
      </tbody>
    </table>
  );
}

function Course(props: { name: string; values: number[] }) {
  const trans = useTrans();
  const { name, values } = props;
  return values.length > 1 ? (
    <Sparkline
      values={values}
      width={94}
      height={18}
      label={trans.__(
        '%1 over %2 values, from %3 to %4',
        name,
        values.length,
        formatResult(values[0]),
        formatResult(values[values.length - 1])
      )}
    />
  ) : null;
}

function Delta(props: { value: Json; before: Json | undefined }) {
  const { value, before } = props;
  if (typeof value !== 'number' || typeof before !== 'number') {
    return null;
  }
  const sign = value > before ? '▴' : value < before ? '▾' : '';
  return (
    <bdi dir="ltr" title={formatParameter(before)}>
      <span className="jp-mlrun-dim" aria-hidden="true">
        {sign}
      </span>{' '}
      {formatDelta(value, before)}
    </bdi>
  );
}

/**
 * The parts of the run's time. Running and saving are what the run's duration is made of;
 * queued and starting came before it.
 */
export function timesOf(doc: IRun): NonNullable<IRun['status']['times']> {
  const { times = {}, start_time, end_time } = doc.status;
  const span = Date.parse(end_time ?? '') - Date.parse(start_time ?? '');
  if (Number.isNaN(span) || times.running === undefined) {
    return times;
  }
  const saving = Math.min(times.saving ?? 0, span / 1000);
  return { ...times, running: span / 1000 - saving, saving };
}

/** Where the time went: queued, starting, running, saving. */
function Times(props: { doc: IRun }) {
  const trans = useTrans();
  const times = timesOf(props.doc);
  const parts = [
    { key: 'queued', label: trans.__('queued'), seconds: times.queued },
    { key: 'starting', label: trans.__('starting'), seconds: times.starting },
    { key: 'running', label: trans.__('running'), seconds: times.running },
    { key: 'saving', label: trans.__('saving'), seconds: times.saving }
  ].filter(
    (part): part is { key: string; label: string; seconds: number } =>
      typeof part.seconds === 'number'
  );
  if (parts.length === 0) {
    return null;
  }
  const all = parts.reduce((sum, part) => sum + part.seconds, 0);
  return (
    <div className="jp-mlrun-times">
      <h2>
        {trans.__('Where the time went')}{' '}
        <i>{trans.__('%1 in all', formatDuration(all))}</i>
      </h2>
      <div className="jp-mlrun-times-bar" aria-hidden="true">
        {parts.map(part => (
          <i
            key={part.key}
            className={`jp-mod-${part.key}`}
            style={{ flexGrow: part.seconds }}
          />
        ))}
      </div>
      <ul>
        {parts.map(part => (
          <li key={part.key}>
            <i className={`jp-mod-${part.key}`} aria-hidden="true" />
            {trans.__('%1 %2', part.label, formatDuration(part.seconds))}
          </li>
        ))}
      </ul>
    </div>
  );
}
