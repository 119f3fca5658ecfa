import React from 'react';
import type { IRunRow } from '../../api/documents';
import { LinkButton } from '../../components/button';
import { Empty } from '../../components/empty';
import { Icon } from '../../components/icon';
import { StateIcon } from '../../components/stateIcon';
import { useTrans } from '../../components/translation';
import { formatDuration, formatParameter, formatResult } from '../../format';
import { IIterations, iterationsOf, placesOn } from '../../models/iterations';
import type { RunTabModel } from './model';
import {
  Brushes,
  ParallelCoordinates,
  drawnAxes,
  isKept
} from '../../components/parallel';

const PAGE = 200;
const LINE = '%%mlrun train -x n=100,200,400 --select max.accuracy';

/** The iterations of a run: a table, and lines over parallel axes that filter it. */
export function Iterations(props: { model: RunTabModel }) {
  const trans = useTrans();
  const { doc } = props.model;
  const iterations = React.useMemo(() => doc && iterationsOf(doc), [doc]);
  const [brushes, setBrushes] = React.useState<Brushes>({});
  const count = iterations?.numbers.length ?? 0;
  React.useEffect(() => {
    if (count > 0) {
      void props.model.readIterations();
    }
  }, [props.model, count]);
  if (!iterations || iterations.numbers.length === 0) {
    return (
      <Empty line={LINE}>
        {trans.__('This run has none. Sweep a parameter:')}
      </Empty>
    );
  }
  const places = drawnAxes(iterations).map(placesOn);
  const kept = iterations.numbers
    .map((_, index) => index)
    .filter(index => isKept(places, index, brushes));
  const brushed = Object.keys(brushes).length > 0;
  return (
    <div className="jp-mlrun-iterations">
      {iterations.best !== null && (
        <div className="jp-mlrun-dim">
          <Best />{' '}
          {iterations.selector
            ? trans.__('best: %1, %2', iterations.best, iterations.selector)
            : trans.__('best: %1', iterations.best)}
        </div>
      )}
      <IterationTable
        iterations={iterations}
        kept={kept}
        rows={props.model.iterationRows}
      />
      {brushed && (
        <p role="status">
          {trans.__(
            '%1 of %2 iterations.',
            kept.length,
            iterations.numbers.length
          )}{' '}
          <LinkButton
            label={trans.__('Clear the filter')}
            onClick={() => setBrushes({})}
          />
        </p>
      )}
      <ParallelCoordinates
        iterations={iterations}
        brushes={brushes}
        onBrush={setBrushes}
      />
    </div>
  );
}

/** The star of the best iteration. */
export function Best() {
  const trans = useTrans();
  return (
    <span
      className="jp-mlrun-best"
      role="img"
      aria-label={trans.__('best iteration')}
      title={trans.__('best iteration')}
    >
      <Icon name="star" size={12} />
    </span>
  );
}

function durationIn(row: IRunRow | undefined): string {
  return row?.duration === null || row?.duration === undefined
    ? ''
    : formatDuration(row.duration);
}

function IterationTable(props: {
  iterations: IIterations;
  kept: number[];
  rows: ReadonlyMap<number, IRunRow>;
}) {
  const trans = useTrans();
  const { iterations, kept, rows } = props;
  const [pages, setPages] = React.useState(1);
  const shown = kept.slice(0, pages * PAGE);
  return (
    <div
      className="jp-mlrun-scrolls"
      tabIndex={0}
      role="group"
      aria-label={trans.__('Iterations')}
    >
      <table className="jp-mlrun-data">
        <thead>
          <tr>
            <th scope="col">{trans.__('State')}</th>
            <th scope="col" className="jp-mlrun-num">
              {trans.__('No.')}
            </th>
            {iterations.axes.map(axis => (
              <th
                key={`${axis.kind} ${axis.key}`}
                scope="col"
                className="jp-mlrun-num"
                title={
                  axis.kind === 'parameter'
                    ? trans.__('parameter %1', axis.key)
                    : trans.__('result %1', axis.key)
                }
              >
                <bdi>{axis.key}</bdi>
              </th>
            ))}
            <th scope="col" className="jp-mlrun-num">
              {trans.__('Duration')}
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map(index => (
            <tr
              key={index}
              className={
                iterations.numbers[index] === iterations.best
                  ? 'jp-mod-best'
                  : ''
              }
            >
              <td>
                <StateIcon state={iterations.states[index]} />
              </td>
              <td className="jp-mlrun-num">
                {iterations.numbers[index]}{' '}
                {iterations.numbers[index] === iterations.best && <Best />}
              </td>
              {iterations.axes.map(axis => (
                <td
                  key={`${axis.kind} ${axis.key}`}
                  className="jp-mlrun-num"
                  title={formatParameter(axis.values[index])}
                >
                  <bdi>
                    {axis.kind === 'parameter'
                      ? formatParameter(axis.values[index])
                      : formatResult(axis.values[index] ?? '')}
                  </bdi>
                </td>
              ))}
              <td className="jp-mlrun-num">
                {durationIn(rows.get(iterations.numbers[index]))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {kept.length > shown.length && (
        <LinkButton
          label={trans.__(
            'Show %1 more',
            Math.min(PAGE, kept.length - shown.length)
          )}
          onClick={() => setPages(pages + 1)}
        />
      )}
    </div>
  );
}
