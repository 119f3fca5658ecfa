import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import React from 'react';
import { CommandIDs } from '../../commands';
import { Empty, Skeleton } from '../../components/empty';
import { Note } from '../../components/note';
import { TranslationProvider, useTrans } from '../../components/translation';
import type { IGridHandle } from '../../components/treeGrid';
import { RunRows } from './list';
import type { ISectionOptions } from './options';
import { QuickFilters } from './quick';
import { SelectionBar } from './selectionBar';

const LINE = '%%mlrun train -o accuracy';
const LOADING_DELAY = 300;

/** The section of runs: quick filters, list, selection bar. */
export class RunsBody extends ReactWidget {
  constructor(private _options: ISectionOptions) {
    super();
    this.addClass('jp-mlrun-runs');
    this._options.expanded.changed.connect(() => this.update());
    this._options.selection.changed.connect(() => this.update());
    this._options.deletions.changed.connect(() => this.update());
  }

  /** The list, to be focused or scrolled. */
  readonly grid = React.createRef<IGridHandle>();

  protected onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this._options.list.setActive(true);
  }

  protected onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this._options.list.setActive(this.isVisible);
  }

  protected onBeforeHide(message: Message): void {
    this._options.list.setActive(false);
    super.onBeforeHide(message);
  }

  protected render() {
    const { list, trans, notebook } = this._options;
    return (
      <TranslationProvider value={trans}>
        <UseSignal signal={list.changed}>
          {() => (
            <>
              <QuickFilters list={list} notebook={notebook()} />
              <ListBody {...this._options} grid={this.grid} />
            </>
          )}
        </UseSignal>
        <SelectionBar {...this._options} />
      </TranslationProvider>
    );
  }
}

function ListBody(
  props: ISectionOptions & { grid: React.RefObject<IGridHandle> }
) {
  const trans = useTrans();
  const { list } = props;
  const { failure } = list;
  return (
    <>
      {failure && (
        <Note
          kind="error"
          details={failure.details}
          actions={[
            {
              label: trans.__('Try again'),
              onClick: () => void list.reload()
            }
          ]}
        >
          {trans.__('The runs did not load: %1', failure.message)}
        </Note>
      )}
      {list.total > 0 ? (
        <RunRows {...props} />
      ) : list.ready && !failure ? (
        <NoRuns {...props} />
      ) : failure ? null : (
        <Loading />
      )}
    </>
  );
}

function Loading() {
  const trans = useTrans();
  const [late, setLate] = React.useState(false);
  React.useEffect(() => {
    const timer = setTimeout(() => setLate(true), LOADING_DELAY);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div aria-busy="true">
      {late && <Skeleton label={trans.__('Runs are being read')} />}
    </div>
  );
}

function NoRuns({ list, panel, commands }: ISectionOptions) {
  const trans = useTrans();
  const { q, states, notebook } = list.query;
  if (q || states.length || notebook !== null) {
    return (
      <Empty
        action={{
          label: trans.__('Clear the filter'),
          onClick: () => {
            panel.filter = '';
            list.setQuery({ q: '', states: [], notebook: null });
          }
        }}
      >
        {trans.__('No runs match.')}
      </Empty>
    );
  }
  const { project } = list.service;
  const insert = () =>
    void commands.execute(CommandIDs.insertCell, { source: `${LINE}\n` });
  return (
    <Empty
      line={LINE}
      action={
        commands.hasCommand(CommandIDs.insertCell) &&
        commands.isEnabled(CommandIDs.insertCell)
          ? { label: trans.__('Insert in a new cell'), onClick: insert }
          : undefined
      }
    >
      {project === null
        ? trans.__('No runs yet.')
        : trans.__('No runs in %1 yet.', project)}{' '}
      {trans.__('Write this on top of a cell and run it:')}
    </Empty>
  );
}
