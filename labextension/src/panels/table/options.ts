import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { Activity } from '../../models/activity';
import type { ExpandedRuns } from '../../models/expandedRuns';
import type { RunList } from '../../models/runList';
import type { Selection } from '../../models/selection';
import type { TableLayout } from '../../models/tableLayout';
import type { IMLRunDeletions } from '../../tokens';

/** What the table of runs works on. */
export interface ITableOptions {
  list: RunList;
  /** The list with the iterations of those runs that show them. */
  expanded: ExpandedRuns;
  activity: Activity;
  selection: Selection;
  deletions: IMLRunDeletions;
  commands: CommandRegistry;
  trans: TranslationBundle;
  layout: TableLayout;
}
