import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type React from 'react';
import type { IRunRef } from '../../api/documents';
import { CommandIDs } from '../../commands';
import { openMenu } from '../../components/menu';

/** What a card can ask of the page it stands in. */
export class CardActions {
  /** `page` is the address of JupyterLab, for pages that have no tabs of ours. */
  constructor(
    private _commands: CommandRegistry,
    private _page: string
  ) {}

  /** Open the run's tab, at a section or with its log at a line. */
  open(ref: IRunRef, args: { section?: string; line?: number } = {}): void {
    this._run(CommandIDs.openRun, ref, args);
  }

  /** Open the run's log beside the notebook. */
  log(ref: IRunRef, line?: number): void {
    this._run(CommandIDs.openLog, ref, line ? { line } : {});
  }

  /** Open the form that runs it again with other values. */
  edit(ref: IRunRef): void {
    this._run(CommandIDs.editAndRerun, ref, {});
  }

  /** Whether the page knows how to go to a cell. */
  get canGoToCell(): boolean {
    return this._commands.hasCommand(CommandIDs.goToCell);
  }

  /** Show the line of the cell that the run came from. */
  goToLine(ref: IRunRef, line: number): void {
    this._run(CommandIDs.goToCell, ref, { line });
  }

  /** The menu of everything else. */
  more(ref: IRunRef, event: React.SyntheticEvent): void {
    const args = { ...ref };
    openMenu(
      this._commands,
      [
        { command: CommandIDs.editAndRerun, args },
        { command: CommandIDs.goToCell, args },
        { command: CommandIDs.copyRunId, args },
        { command: CommandIDs.comparePrevious, args },
        { command: CommandIDs.exportRun, args },
        'separator',
        { command: CommandIDs.deleteRun, args }
      ],
      event
    );
  }

  private _run(
    command: string,
    ref: IRunRef,
    args: ReadonlyPartialJSONObject
  ): void {
    if (this._commands.hasCommand(command)) {
      void this._commands.execute(command, { ...ref, ...args });
      return;
    }
    const url = new URL(this._page, document.location.href);
    url.searchParams.set('mlrun-run', `${ref.project}/${ref.uid}`);
    url.searchParams.set('mlrun-open', command);
    window.open(url.toString(), '_blank', 'noopener');
  }
}
