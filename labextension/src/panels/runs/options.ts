import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { ExpandedRuns } from '../../models/expandedRuns';
import type { RunList } from '../../models/runList';
import type { Selection } from '../../models/selection';
import type { IMLRunDeletions, IMLRunPanel } from '../../tokens';

/** What the section of runs works on. */
export interface ISectionOptions {
  list: RunList;
  /** The list with the iterations of those runs that show them. */
  expanded: ExpandedRuns;
  selection: Selection;
  deletions: IMLRunDeletions;
  commands: CommandRegistry;
  panel: IMLRunPanel;
  trans: TranslationBundle;
  /** The path of the notebook that has the focus, or null. */
  notebook: () => string | null;
}
