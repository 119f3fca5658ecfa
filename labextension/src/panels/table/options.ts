import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { RunList } from '../../models/runList';
import type { Selection } from '../../models/selection';
import type { IMLRunDeletions } from '../../tokens';

/** What the table of runs works on. */
export interface ITableOptions {
  list: RunList;
  selection: Selection;
  deletions: IMLRunDeletions;
  commands: CommandRegistry;
  trans: TranslationBundle;
  /** Columns that are not shown, kept between sessions. */
  hidden: {
    readonly value: ReadonlySet<string>;
    set(value: ReadonlySet<string>): void;
  };
}
