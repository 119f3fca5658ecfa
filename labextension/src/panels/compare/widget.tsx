import { Clipboard } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import React from 'react';
import type { IRun } from '../../api/documents';
import { CommandIDs } from '../../commands';
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
  comparisonMarkdown,
  Direction,
  knownDirections,
  seriesLines,
  seriesNames
} from '../../models/comparison';
import { StepChart } from './chart';
import { CompareTable } from './table';

/** What a comparison works on. */
export interface ICompareOptions {
  runs: ComparedRuns;
  commands: CommandRegistry;
  trans: TranslationBundle;
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
        <UseSignal signal={this.options.runs.changed}>
          {() => <Comparison {...this.options} />}
        </UseSignal>
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

function Comparison({ runs: model, commands }: ICompareOptions) {
  const trans = useTrans();
  const [only, setOnly] = React.useState(true);
  const { runs } = model;
  const { directions, turn } = useDirections(runs);
  const groups = compareAll(runs);
  if (runs.length < 2) {
    return <TooFew model={model} />;
  }
  const refOf = (run: IRun) => ({
    project: run.metadata.project,
    uid: run.metadata.uid ?? ''
  });
  return (
    <div
      className="jp-mlrun-compare-all"
      onKeyDown={event => {
        if (event.key === 'd' && !(event.target instanceof HTMLSelectElement)) {
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
        <Baseline model={model} />
        <span className="jp-mlrun-grow" />
        <Button
          label={trans.__('Copy as table')}
          icon="copy"
          onClick={() =>
            Clipboard.copyToSystem(comparisonMarkdown(runs, groups, only))
          }
        />
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
        <div className="jp-mlrun-compare-left">
          <CompareTable
            runs={runs}
            groups={groups}
            onlyDifferences={only}
            directions={directions}
            onDirection={turn}
            onOpen={run =>
              void commands.execute(CommandIDs.openRun, refOf(run))
            }
            onRemove={run => model.remove(refOf(run))}
          />
          <CodeChanges model={model} />
        </div>
        <Metrics runs={runs} />
      </div>
    </div>
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

function Metrics({ runs }: { runs: readonly IRun[] }) {
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
    <section className="jp-mlrun-compare-right">
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
