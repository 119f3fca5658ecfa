import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import React from 'react';
import { CommandIDs } from '../../commands';
import { Button, Chip } from '../../components/button';
import { Empty, Skeleton } from '../../components/empty';
import { FilterBar } from '../../components/filterBar';
import { Letter } from '../../components/letter';
import { Note } from '../../components/note';
import { TranslationProvider, useTrans } from '../../components/translation';
import type { IGridHandle } from '../../components/treeGrid';
import { formatCount } from '../../format';
import { tableColumns } from '../../models/columns';
import { FILTER_WORDS, filterProblem, parseFilter } from '../../models/filter';
import { TableBody } from './body';
import { ColumnsButton } from './columnsButton';
import type { ITableOptions } from './options';

const TYPING_DELAY = 200;
const MOST_LETTERS = 6;
const NONE: ReadonlySet<string> = new Set();

/** The table of runs in a tab. */
export class RunsTable extends ReactWidget {
  constructor(readonly options: ITableOptions) {
    super();
    this.addClass('jp-mlrun-table');
    options.selection.changed.connect(() => this.update());
    options.deletions.changed.connect(this._onDeletions, this);
    this.node.addEventListener('keydown', event => this._onKey(event));
  }

  protected onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.options.list.setActive(true);
  }

  protected onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this.options.list.setActive(this.isVisible);
  }

  protected onBeforeHide(message: Message): void {
    this.options.list.setActive(false);
    super.onBeforeHide(message);
  }

  protected onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    this._grid.current?.focus();
  }

  dispose(): void {
    this.options.list.dispose();
    this.options.selection.dispose();
    super.dispose();
  }

  protected render() {
    const { list, trans } = this.options;
    return (
      <TranslationProvider value={trans}>
        <UseSignal signal={list.changed}>
          {() => (
            <TableView
              options={this.options}
              grid={this._grid}
              redraw={() => this.update()}
            />
          )}
        </UseSignal>
      </TranslationProvider>
    );
  }

  private _onDeletions(): void {
    this.update();
  }

  private _onKey(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    if (event.key === '/' && !target.closest('input, select, textarea')) {
      event.preventDefault();
      event.stopPropagation();
      this.node.querySelector<HTMLElement>('.jp-mlrun-filter input')?.focus();
    }
  }

  private _grid = React.createRef<IGridHandle>();
}

function TableView(props: {
  options: ITableOptions;
  grid: React.RefObject<IGridHandle>;
  redraw: () => void;
}) {
  const trans = useTrans();
  const { options } = props;
  const { list, selection, hidden } = options;
  const every = list.service.project === null;
  const loaded = list.loaded();
  const all = React.useMemo(
    () => tableColumns(loaded, NONE, every),
    [list.layout, loaded.length, every]
  );
  const columns = all.filter(column => !hidden.value.has(column.id));
  const leave = () =>
    selection.size ? selection.clear() : list.setQuery({ q: '' });
  return (
    <>
      <div className="jp-mlrun-table-bar">
        <TableFilter options={options} />
        <ColumnsButton
          columns={all}
          hidden={hidden.value}
          onChange={value => {
            hidden.set(value);
            props.redraw();
          }}
        />
      </div>
      {list.failure && (
        <Note
          kind="error"
          details={list.failure.details}
          actions={[
            { label: trans.__('Try again'), onClick: () => void list.reload() }
          ]}
        >
          {trans.__('The runs did not load: %1', list.failure.message)}
        </Note>
      )}
      {list.waiting > 0 && (
        <button
          type="button"
          className="jp-mlrun-pill"
          onClick={() => {
            list.release();
            props.grid.current?.scrollToTop();
          }}
        >
          {trans._n('%1 new run', '%1 new runs', list.waiting)}
        </button>
      )}
      {list.total > 0 ? (
        <TableBody
          options={options}
          columns={columns}
          grid={props.grid}
          onLeave={leave}
        />
      ) : (
        <NothingHere options={options} />
      )}
      <SelectionRow options={options} />
      <Foot options={options} />
    </>
  );
}

function NothingHere({ options: { list } }: { options: ITableOptions }) {
  const trans = useTrans();
  if (!list.ready) {
    return list.failure ? null : (
      <Skeleton rows={6} label={trans.__('Runs are being read')} />
    );
  }
  return list.query.q ? (
    <Empty
      action={{
        label: trans.__('Clear the filter'),
        onClick: () => list.setQuery({ q: '' })
      }}
    >
      {trans.__('No runs match.')}
    </Empty>
  ) : (
    <Empty line="%%mlrun train -o accuracy">
      {trans.__('No runs yet. Write this on top of a cell and run it:')}
    </Empty>
  );
}

function TableFilter({ options: { list } }: { options: ITableOptions }) {
  const trans = useTrans();
  const [text, setText] = React.useState(list.query.q);
  const timer = React.useRef<ReturnType<typeof setTimeout>>();
  React.useEffect(() => setText(list.query.q), [list.query.q]);
  return (
    <FilterBar
      value={text}
      placeholder={trans.__('Add a filter, e.g. results.accuracy>0.95')}
      problem={filterProblem(parseFilter(text), trans)}
      suggestions={FILTER_WORDS}
      onChange={value => {
        setText(value);
        clearTimeout(timer.current);
        timer.current = setTimeout(
          () => list.setQuery({ q: value.trim() }),
          TYPING_DELAY
        );
      }}
    />
  );
}

function SelectionRow({ options }: { options: ITableOptions }) {
  const trans = useTrans();
  const { selection, commands } = options;
  if (selection.size === 0) {
    return null;
  }
  const runs = selection.rows.map(({ project, uid }) => ({ project, uid }));
  const execute = (id: string) => void commands.execute(id, { runs });
  const [row] = selection.rows;
  return (
    <div className="jp-mlrun-selectionBar" role="toolbar">
      <b>{trans._n('%1 selected', '%1 selected', selection.size)}</b>
      {runs.slice(0, MOST_LETTERS).map((run, index) => (
        <Letter key={run.uid} index={index} />
      ))}
      <Button
        primary
        label={trans.__('Compare')}
        disabled={selection.size < 2}
        title={
          selection.size < 2
            ? trans.__('Select two or more runs to compare them')
            : undefined
        }
        onClick={() => execute(CommandIDs.compare)}
      />
      {selection.size === 1 && commands.hasCommand(CommandIDs.editAndRerun) && (
        <Button
          label={trans.__('Rerun…')}
          onClick={() =>
            void commands.execute(CommandIDs.editAndRerun, {
              project: row.project,
              uid: row.uid
            })
          }
        />
      )}
      <Button
        label={trans.__('Stop')}
        onClick={() => execute(CommandIDs.stopRun)}
        disabled={!selection.rows.some(each => each.duration === null)}
      />
      <Button
        label={trans.__('Delete…')}
        onClick={() => execute(CommandIDs.deleteRun)}
      />
      <span className="jp-mlrun-grow" />
      <Chip
        label={trans.__('Clear')}
        on={false}
        onClick={() => selection.clear()}
      />
    </div>
  );
}

function Foot({ options: { list } }: { options: ITableOptions }) {
  const trans = useTrans();
  const all = Object.values(list.counts).reduce((sum, count) => sum + count, 0);
  const running = list.counts.running ?? 0;
  const failed = list.counts.error ?? 0;
  return (
    <div className="jp-mlrun-foot">
      <span>
        {list.total === all
          ? trans
              ._n('%1 run', '%1 runs', list.total)
              .replace(String(list.total), formatCount(list.total))
          : trans.__(
              '%1 of %2 runs',
              formatCount(list.total),
              formatCount(all)
            )}
      </span>
      {running > 0 && (
        <span>{trans.__('%1 running', formatCount(running))}</span>
      )}
      {failed > 0 && <span>{trans.__('%1 failed', formatCount(failed))}</span>}
      <span className="jp-mlrun-grow" />
      <span>
        {list.service.connection === 'connected'
          ? trans.__('live')
          : trans.__('not live')}
      </span>
    </div>
  );
}
