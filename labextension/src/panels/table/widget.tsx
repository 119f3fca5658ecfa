import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import React from 'react';
import { Boundary } from '../../components/boundary';
import { IconButton } from '../../components/button';
import { Empty, Skeleton } from '../../components/empty';
import { groupingWord } from '../../components/groupTitle';
import { Note } from '../../components/note';
import { TranslationProvider, useTrans } from '../../components/translation';
import type { IGridHandle } from '../../components/treeGrid';
import { formatCount } from '../../format';
import { tableColumns } from '../../models/columns';
import { GroupBy, GROUPINGS } from '../../models/runGroups';
import { NEWEST } from '../../models/listQuery';
import { RunList } from '../../models/runList';
import { TableBody } from './body';
import { ColumnsButton } from './columnsButton';
import { downloadRuns } from './download';
import { TableFilter } from './filter';
import type { ITableOptions } from './options';
import { SelectionRow } from './selectionRow';
import { ActivityStrip } from './strip';

/** The table of runs in a tab. */
export class RunsTable extends ReactWidget {
  constructor(readonly options: ITableOptions) {
    super();
    this.addClass('jp-mlrun-table');
    options.selection.changed.connect(() => this.update());
    options.expanded.changed.connect(() => this.update());
    options.layout.changed.connect(this._onChange, this);
    options.deletions.changed.connect(this._onChange, this);
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
    const { activity, deletions, expanded, layout, list, selection } =
      this.options;
    layout.changed.disconnect(this._onChange, this);
    deletions.changed.disconnect(this._onChange, this);
    activity.dispose();
    expanded.dispose();
    list.dispose();
    selection.dispose();
    super.dispose();
  }

  protected render() {
    const { list, trans } = this.options;
    return (
      <TranslationProvider value={trans}>
        <Boundary>
          <UseSignal signal={list.changed}>
            {() => <TableView options={this.options} grid={this._grid} />}
          </UseSignal>
        </Boundary>
      </TranslationProvider>
    );
  }

  private _onChange(): void {
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
}) {
  const trans = useTrans();
  const { options } = props;
  const { list, selection, layout } = options;
  const every = list.service.project === null;
  const loaded = list.loaded();
  const all = React.useMemo(
    () => tableColumns(loaded, every),
    [list.layout, loaded.length, every]
  );
  const columns = layout.apply(all);
  const leave = () =>
    selection.size ? selection.clear() : list.setQuery({ q: '' });
  return (
    <>
      <div className="jp-mlrun-table-bar">
        <TableFilter list={list} />
        <GroupChoice list={list} />
        <ColumnsButton columns={all} layout={layout} />
        <IconButton
          icon="download"
          label={trans.__('Download as CSV')}
          disabled={list.total === 0}
          onClick={() => void downloadRuns(list, columns, trans)}
        />
      </div>
      <ActivityStrip activity={options.activity} list={list} />
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
      <div className="jp-mlrun-runs-list">
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
      </div>
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

function GroupChoice({ list }: { list: RunList }) {
  const trans = useTrans();
  const { group, sort } = list.query;
  return (
    <label className="jp-mlrun-group-choice">
      {trans.__('Group:')}
      <select
        value={group}
        onChange={event => {
          const by = event.target.value as GroupBy;
          // days are groups of the order of starts
          list.setQuery({ group: by, sort: by === 'day' ? NEWEST : sort });
        }}
      >
        {GROUPINGS.map(by => (
          <option key={by} value={by}>
            {groupingWord(by, trans)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Foot({ options: { list } }: { options: ITableOptions }) {
  const trans = useTrans();
  const running = list.counts.running ?? 0;
  const failed = list.counts.error ?? 0;
  return (
    <div className="jp-mlrun-foot">
      <span>
        {list.total === list.all
          ? trans
              ._n('%1 run', '%1 runs', list.total)
              .replace(String(list.total), formatCount(list.total))
          : trans.__(
              '%1 of %2 runs',
              formatCount(list.total),
              formatCount(list.all)
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
