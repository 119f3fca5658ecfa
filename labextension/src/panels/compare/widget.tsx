import { Clipboard } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { CommandRegistry } from '@lumino/commands';
import React from 'react';
import type { IRun, IRunRef } from '../../api/documents';
import { CommandIDs } from '../../commands';
import { Boundary } from '../../components/boundary';
import { Button, Chip } from '../../components/button';
import { Diff } from '../../components/diff';
import { Empty, Skeleton } from '../../components/empty';
import { Letter, letterOf } from '../../components/letter';
import { Note } from '../../components/note';
import { TranslationProvider, useTrans } from '../../components/translation';
import { shortId } from '../../format';
import { ComparedRuns } from '../../models/comparedRuns';
import {
  compareAll,
  comparisonCsv,
  comparisonMarkdown,
  Direction,
  knownDirections,
  seriesLines,
  seriesNames
} from '../../models/comparison';
import { StepChart } from './chart';
import { Plots } from './plots';
import { CompareTable, ICompareTable } from './table';
import { TransposedTable } from './transposed';

const MOST_COLUMNS = 6;
const MOST_RUNS = 200;

/** What a comparison works on. */
export interface ICompareOptions {
  runs: ComparedRuns;
  commands: CommandRegistry;
  trans: TranslationBundle;
  /** The renderers of plots that are installed. */
  rendermime: IRenderMimeRegistry | null;
  /** Let the user choose one more run. */
  chooseRun: () => Promise<IRunRef | null>;
}

/** Two or more runs beside each other. */
export class CompareView extends ReactWidget {
  constructor(readonly options: ICompareOptions) {
    super();
    this.addClass('jp-mlrun-compare');
    this.node.tabIndex = -1;
  }

  dispose(): void {
    this.options.runs.dispose();
    super.dispose();
  }

  protected render() {
    return (
      <TranslationProvider value={this.options.trans}>
        <Boundary>
          <UseSignal signal={this.options.runs.changed}>
            {() => <Comparison {...this.options} />}
          </UseSignal>
        </Boundary>
      </TranslationProvider>
    );
  }
}

function useDirections(runs: readonly IRun[]) {
  const [chosen, setChosen] = React.useState<Map<string, Direction | null>>(
    new Map()
  );
  const known = new Map<string, Direction>(knownDirections(runs));
  chosen.forEach((direction, name) => {
    if (direction) {
      known.set(name, direction);
    } else {
      known.delete(name);
    }
  });
  const turn = (name: string) => {
    const now = known.get(name);
    const next = now === undefined ? 'max' : now === 'max' ? 'min' : null;
    setChosen(new Map(chosen).set(name, next));
  };
  return { directions: known, turn };
}

function Comparison(options: ICompareOptions) {
  const { runs: model, commands } = options;
  const trans = useTrans();
  const [only, setOnly] = React.useState(true);
  const [turned, setTurned] = React.useState<boolean | null>(null);
  const { runs } = model;
  const { directions, turn } = useDirections(runs);
  const groups = React.useMemo(() => compareAll(runs), [runs]);
  if (runs.length < 2) {
    return <TooFew model={model} />;
  }
  const transposed = turned ?? runs.length > MOST_COLUMNS;
  const table: ICompareTable = {
    runs,
    groups,
    onlyDifferences: only,
    directions,
    onDirection: turn,
    onOpen: run => void commands.execute(CommandIDs.openRun, { ...refOf(run) }),
    onRemove: run => model.remove(refOf(run)),
    onBaseline: run => model.makeBaseline(refOf(run))
  };
  return (
    <div
      className="jp-mlrun-compare-all"
      onKeyDown={event => {
        const target = event.target as HTMLElement;
        if (event.key === 'd' && !target.closest('select, input')) {
          setOnly(!only);
        }
      }}
    >
      <div className="jp-mlrun-table-bar">
        <Chip
          label={trans.__('Only differences')}
          on={only}
          onClick={() => setOnly(!only)}
        />
        <Chip
          label={trans.__('Transpose')}
          on={transposed}
          onClick={() => setTurned(!transposed)}
        />
        <Baseline model={model} />
        <Button
          label={trans.__('Add run…')}
          icon="plus"
          disabled={runs.length >= MOST_RUNS}
          onClick={() =>
            void options.chooseRun().then(ref => ref && model.add(ref))
          }
        />
        <span className="jp-mlrun-grow" />
        <CopyButtons {...options} groups={groups} only={only} />
      </div>
      {model.failure && (
        <Note
          kind="error"
          actions={[
            { label: trans.__('Try again'), onClick: () => void model.load() }
          ]}
        >
          {trans.__('A run could not be read: %1', model.failure)}
        </Note>
      )}
      <div className="jp-mlrun-compare-body">
        <div
          className={`jp-mlrun-compare-left${transposed ? ' jp-mod-wide' : ''}`}
        >
          {transposed ? (
            <TransposedTable {...table} />
          ) : (
            <CompareTable {...table} />
          )}
          <CodeChanges model={model} />
        </div>
        <Metrics {...options} />
      </div>
    </div>
  );
}

function refOf(run: IRun): IRunRef {
  return { project: run.metadata.project, uid: run.metadata.uid ?? '' };
}

function CopyButtons(
  props: ICompareOptions & {
    groups: ReturnType<typeof compareAll>;
    only: boolean;
  }
) {
  const trans = useTrans();
  const { commands, groups, only } = props;
  const { runs } = props.runs;
  const inserts =
    commands.hasCommand(CommandIDs.insertCell) &&
    commands.isEnabled(CommandIDs.insertCell);
  return (
    <>
      <Button
        label={trans.__('Copy as table')}
        icon="copy"
        onClick={() =>
          Clipboard.copyToSystem(comparisonMarkdown(runs, groups, only))
        }
      />
      <Button
        label={trans.__('Copy as CSV')}
        onClick={() =>
          Clipboard.copyToSystem(comparisonCsv(runs, groups, only))
        }
      />
      <Button
        label={trans.__('Insert into notebook')}
        disabled={!inserts}
        title={
          inserts
            ? undefined
            : trans.__('Open a notebook, and the table is inserted into it')
        }
        onClick={() =>
          void commands.execute(CommandIDs.insertCell, {
            source: comparisonMarkdown(runs, groups, only),
            markdown: true
          })
        }
      />
    </>
  );
}

function TooFew({ model }: { model: ComparedRuns }) {
  const trans = useTrans();
  if (!model.ready) {
    return <Skeleton rows={6} label={trans.__('The runs are being read')} />;
  }
  return model.failure ? (
    <Note
      kind="error"
      actions={[
        { label: trans.__('Try again'), onClick: () => void model.load() }
      ]}
    >
      {trans.__('The runs could not be read: %1', model.failure)}
    </Note>
  ) : (
    <Empty>
      {trans.__('Select two or more runs with Space, then press C.')}
    </Empty>
  );
}

function Baseline({ model }: { model: ComparedRuns }) {
  const trans = useTrans();
  return (
    <label className="jp-mlrun-compare-baseline">
      {trans.__('Baseline:')}
      <select
        value={0}
        onChange={event =>
          model.makeBaseline(model.refs[Number(event.target.value)])
        }
      >
        {model.runs.map((run, index) => (
          <option key={run.metadata.uid} value={index}>
            {`${letterOf(index)} ${run.metadata.name} ${shortId(run.metadata.uid ?? '')}`}
          </option>
        ))}
      </select>
    </label>
  );
}

function CodeChanges({ model }: { model: ComparedRuns }) {
  const trans = useTrans();
  const { runs } = model;
  const codes = runs.map(run => model.code(run));
  const others = codes.flatMap((code, index) =>
    index > 0 && code !== undefined && code !== codes[0] ? [index] : []
  );
  const [chosen, setChosen] = React.useState(0);
  const index = others.includes(chosen) ? chosen : others[0];
  if (index === undefined || codes[0] === undefined) {
    return null;
  }
  return (
    <section>
      <h2 className="jp-mlrun-caption jp-mlrun-compare-caption">
        {trans.__('Code')}
        <Letter index={0} />→
        {others.map(other => (
          <Chip
            key={other}
            label={trans.__('Code of %1', letterOf(other))}
            on={other === index}
            onClick={() => setChosen(other)}
          >
            <Letter index={other} />
          </Chip>
        ))}
      </h2>
      <Diff
        from={codes[0]}
        to={codes[index] ?? ''}
        label={trans.__('Code of A and %1', letterOf(index))}
      />
    </section>
  );
}

function Metrics(options: ICompareOptions) {
  const { runs: model, rendermime } = options;
  return (
    <div className="jp-mlrun-compare-right">
      <SeriesByStep runs={model.runs} />
      <Plots model={model} rendermime={rendermime} />
    </div>
  );
}

function SeriesByStep({ runs }: { runs: readonly IRun[] }) {
  const trans = useTrans();
  const names = seriesNames(runs);
  const [chosen, setChosen] = React.useState('');
  const [log, setLog] = React.useState(false);
  const [asTable, setAsTable] = React.useState(false);
  const name = names.includes(chosen) ? chosen : names[0];
  if (name === undefined) {
    return null;
  }
  const lines = seriesLines(runs, name);
  return (
    <section>
      <h2 className="jp-mlrun-caption jp-mlrun-compare-caption">
        {trans.__('Metric by step')}
        <span className="jp-mlrun-grow" />
        {names.slice(0, 6).map(each => (
          <Chip
            key={each}
            label={each}
            on={each === name}
            onClick={() => setChosen(each)}
          />
        ))}
        <Chip
          label={trans.__('Log scale')}
          on={log}
          onClick={() => setLog(!log)}
        />
        <Chip
          label={trans.__('Show as table')}
          on={asTable}
          onClick={() => setAsTable(!asTable)}
        />
      </h2>
      {asTable ? (
        <StepTable lines={lines} />
      ) : (
        <StepChart lines={lines} name={name} log={log} />
      )}
    </section>
  );
}

function StepTable({ lines }: { lines: ReturnType<typeof seriesLines> }) {
  const trans = useTrans();
  const steps = [
    ...new Set(lines.flatMap(line => line.points.map(([step]) => step)))
  ].sort((a, b) => a - b);
  return (
    <div className="jp-mlrun-compare-steps">
      <table className="jp-mlrun-compare-table">
        <thead>
          <tr>
            <th scope="col">{trans.__('step')}</th>
            {lines.map(line => (
              <th key={line.run} scope="col">
                {letterOf(line.run)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {steps.map(step => (
            <tr key={step}>
              <th scope="row">{step}</th>
              {lines.map(line => (
                <td key={line.run}>
                  {line.points.find(([at]) => at === step)?.[1] ?? ''}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
