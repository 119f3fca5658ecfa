import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { Message } from '@lumino/messaging';
import React from 'react';
import { CommandIDs } from '../commands';
import type { INounRow, NounList } from '../models/nounList';
import type { IMLRunPanel } from '../tokens';
import { Boundary } from './boundary';
import { Chip } from './button';
import { isRightToLeft } from './direction';
import { Empty, Skeleton } from './empty';
import { MenuEntry, openMenu } from './menu';
import { Note } from './note';
import { TranslationProvider, useTrans } from './translation';
import { IGridHandle, TreeGrid } from './treeGrid';

const ROW = 26;
// so far before the end of what is here, more is read
const AHEAD = 100;

/** How the objects of a noun are shown in their section of the panel. */
export interface INounView<T extends INounRow> {
  list: NounList<T>;
  panel: IMLRunPanel;
  commands: CommandRegistry;
  trans: TranslationBundle;
  /** The plural, as the list is called. */
  label: string;
  /** States to limit the list to, with the words of their chips. */
  chips: readonly { state: string; label: string }[];
  /** The sentence and the line of a project that has none. */
  empty: { text: string; line: string; command?: string; button?: string };
  describe: (row: T) => string;
  cells: (row: T) => React.ReactNode;
  /** The command that opens one in a tab. */
  open: string;
  menu: (row: T) => MenuEntry[];
  /** Commands by key, beside those of every list. */
  keys: Readonly<Record<string, (row: T) => string | null>>;
  /** The text that a row becomes where it is dropped. */
  dragText?: (row: T) => string;
}

/** A section of the panel for a noun that is not the runs. */
export class NounSection<T extends INounRow> extends ReactWidget {
  constructor(private _view: INounView<T>) {
    super();
    this.addClass('jp-mlrun-runs');
  }

  /** The list, to be focused. */
  readonly grid = React.createRef<IGridHandle>();

  protected onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this._view.list.setActive(true);
  }

  protected onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this._view.list.setActive(this.isVisible);
  }

  protected onBeforeHide(message: Message): void {
    this._view.list.setActive(false);
    super.onBeforeHide(message);
  }

  protected render() {
    return (
      <TranslationProvider value={this._view.trans}>
        <Boundary>
          <UseSignal signal={this._view.list.changed}>
            {() => (
              <>
                <StateChips view={this._view} />
                <Body view={this._view} grid={this.grid} />
              </>
            )}
          </UseSignal>
        </Boundary>
      </TranslationProvider>
    );
  }
}

function StateChips<T extends INounRow>({ view }: { view: INounView<T> }) {
  const trans = useTrans();
  const { list } = view;
  return (
    <div
      className="jp-mlrun-quick"
      role="toolbar"
      aria-label={trans.__('Quick filters')}
      onKeyDown={moveInToolbar}
    >
      <Chip
        label={trans.__('All')}
        on={list.state === null}
        onClick={() => (list.state = null)}
      />
      {view.chips.map(({ state, label }) => (
        <Chip
          key={state}
          label={label}
          on={list.state === state}
          tabIndex={-1}
          onClick={() => (list.state = list.state === state ? null : state)}
        />
      ))}
    </div>
  );
}

/** Arrows move in a toolbar, which is one tab stop. */
export function moveInToolbar(event: React.KeyboardEvent): void {
  const buttons = [
    ...event.currentTarget.querySelectorAll<HTMLElement>('button')
  ];
  const at = buttons.indexOf(event.target as HTMLElement);
  const ahead = isRightToLeft(event.currentTarget) ? -1 : 1;
  const to = {
    ArrowRight: at + ahead,
    ArrowLeft: at - ahead,
    Home: 0,
    End: buttons.length - 1
  }[event.key];
  if (to !== undefined && buttons[to]) {
    event.preventDefault();
    event.stopPropagation();
    buttons[to].focus();
  }
}

function Body<T extends INounRow>(props: {
  view: INounView<T>;
  grid: React.RefObject<IGridHandle>;
}) {
  const trans = useTrans();
  const { list } = props.view;
  const { failure, rows } = list;
  return (
    <>
      {failure && (
        <Note
          kind="error"
          details={failure.details}
          actions={[
            { label: trans.__('Try again'), onClick: () => void list.reload() }
          ]}
        >
          {failure.message}
        </Note>
      )}
      {rows.length > 0 ? (
        <Rows {...props} />
      ) : list.ready ? (
        <Nothing view={props.view} />
      ) : failure ? null : (
        <Skeleton label={trans.__('The list is being read')} />
      )}
    </>
  );
}

function Nothing<T extends INounRow>({ view }: { view: INounView<T> }) {
  const trans = useTrans();
  const { list, panel, empty } = view;
  return list.total > 0 ? (
    <Empty
      action={{
        label: trans.__('Clear the filter'),
        onClick: () => {
          panel.filter = '';
          list.state = null;
        }
      }}
    >
      {trans.__('Nothing matches.')}
    </Empty>
  ) : (
    <Empty
      line={empty.line}
      action={
        empty.command && empty.button
          ? {
              label: empty.button,
              onClick: () => void view.commands.execute(empty.command ?? '')
            }
          : undefined
      }
    >
      {empty.text}
    </Empty>
  );
}

function Rows<T extends INounRow>(props: {
  view: INounView<T>;
  grid: React.RefObject<IGridHandle>;
}) {
  const { view } = props;
  const { list, commands, panel } = view;
  const { rows } = list;
  const onRange = React.useCallback(
    (_: number, last: number) => {
      if (last >= list.rows.length - AHEAD) {
        void list.more();
      }
    },
    [list]
  );
  const run = (command: string, row: T, more = {}) =>
    void commands.execute(command, {
      project: row.project,
      name: row.name,
      ...more
    });
  return (
    <div className="jp-mlrun-runs-list">
      <TreeGrid
        handle={props.grid}
        label={view.label}
        count={rows.length}
        total={list.isWhole ? rows.length : list.total}
        rowHeight={ROW}
        onRange={onRange}
        keyOf={index => `${rows[index].project}/${rows[index].name}`}
        row={index => ({
          label: view.describe(rows[index]),
          className: 'jp-mlrun-runs-row'
        })}
        cells={index => view.cells(rows[index])}
        onOpen={(index, aside) =>
          run(view.open, rows[index], aside ? { mode: 'split-right' } : {})
        }
        dragTextOf={
          view.dragText && (index => view.dragText?.(rows[index]) ?? null)
        }
        onMenu={(index, event) =>
          openMenu(commands, view.menu(rows[index]), event)
        }
        onKey={(event, index) => {
          if (event.key === 'Escape') {
            if (panel.filter) {
              panel.filter = '';
            } else {
              void commands.execute(CommandIDs.openPanel);
            }
            return true;
          }
          const command = view.keys[event.key]?.(rows[index]);
          if (command) {
            run(command, rows[index]);
          }
          return Boolean(command);
        }}
      />
    </div>
  );
}
