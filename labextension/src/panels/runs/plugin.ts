import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IStateDB } from '@jupyterlab/statedb';
import {
  ITranslator,
  nullTranslator,
  TranslationBundle
} from '@jupyterlab/translation';
import { PanelWithToolbar, ToolbarButton } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import { CommandIDs } from '../../commands';
import { groupingWord } from '../../components/groupTitle';
import { glyphIcon } from '../../components/icons';
import { MenuEntry, openMenuAt } from '../../components/menu';
import { ExpandedRuns } from '../../models/expandedRuns';
import { GroupBy, GROUPINGS } from '../../models/runGroups';
import { RunList } from '../../models/runList';
import { Selection } from '../../models/selection';
import {
  DOMAIN,
  IMLRunDeletions,
  IMLRunPanel,
  IMLRunService
} from '../../tokens';
import { RunsBody } from './section';
import { SectionTotal } from './total';

const TYPING_DELAY = 200;
const GROUP = 'jupyter-mlrun:runs-group';

/** The section of runs in the MLRun panel. */
export const runsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlrun:runs',
  description: 'The runs, live, in the MLRun panel.',
  autoStart: true,
  requires: [IMLRunService, IMLRunPanel, IMLRunDeletions],
  optional: [ITranslator, INotebookTracker, IStateDB],
  activate: (
    app: JupyterFrontEnd,
    service: IMLRunService,
    panel: IMLRunPanel,
    deletions: IMLRunDeletions,
    translator: ITranslator | null,
    notebooks: INotebookTracker | null,
    state: IStateDB | null
  ): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const list = new RunList(service, { group: 'day' });
    const selection = new Selection();
    selection.follow(service);
    const body = new RunsBody({
      list,
      expanded: new ExpandedRuns(list),
      selection,
      deletions,
      commands: app.commands,
      panel,
      trans,
      notebook: () => notebooks?.currentWidget?.context.localPath ?? null
    });
    const section = new PanelWithToolbar();
    section.id = 'jupyter-mlrun-runs';
    section.title.label = trans.__('Runs');
    section.addClass('jp-mlrun-section');
    section.addWidget(body);
    addTools(section, list, panel, app.commands, trans);
    addGrouping(app.commands, list, state, trans);
    notebooks?.currentChanged.connect(() => body.update());

    let typing: ReturnType<typeof setTimeout> | undefined;
    panel.filterChanged.connect((_, q) => {
      clearTimeout(typing);
      typing = setTimeout(() => list.setQuery({ q: q.trim() }), TYPING_DELAY);
    });
    panel.addSection({
      widget: section,
      rank: 10,
      focus: () => body.grid.current?.focus()
    });
  }
};

function addTools(
  section: PanelWithToolbar,
  list: RunList,
  panel: IMLRunPanel,
  commands: CommandRegistry,
  trans: TranslationBundle
): void {
  section.toolbar.addItem('total', new SectionTotal(list, trans));
  section.toolbar.addItem(
    'table',
    new ToolbarButton({
      icon: glyphIcon('table'),
      tooltip: trans.__('Open as table'),
      onClick: () => {
        void commands.execute(CommandIDs.openRuns, { q: panel.filter });
      }
    })
  );
  const entries: readonly MenuEntry[] = [
    ...GROUPINGS.map(by => ({ command: CommandIDs.groupRuns, args: { by } })),
    'separator',
    { command: CommandIDs.refresh }
  ];
  const more = new ToolbarButton({
    icon: glyphIcon('more'),
    tooltip: trans.__('Group and refresh'),
    onClick: () => openMenuAt(commands, entries, more.node)
  });
  section.toolbar.addItem('more', more);
}

function addGrouping(
  commands: CommandRegistry,
  list: RunList,
  state: IStateDB | null,
  trans: TranslationBundle
): void {
  void state?.fetch(GROUP).then(saved => {
    if (GROUPINGS.includes(saved as GroupBy)) {
      list.setQuery({ group: saved as GroupBy });
    }
  });
  const wanted = (args: Readonly<Record<string, unknown>>) =>
    GROUPINGS.find(by => by === args.by);
  commands.addCommand(CommandIDs.groupRuns, {
    label: args =>
      trans.__('Group by: %1', groupingWord(wanted(args) ?? 'day', trans)),
    isToggleable: true,
    isToggled: args => list.query.group === wanted(args),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          by: {
            type: 'string',
            enum: [...GROUPINGS],
            description: 'What the runs of the panel are grouped by'
          }
        },
        required: ['by']
      }
    },
    execute: args => {
      const group = wanted(args);
      if (group) {
        list.setQuery({ group });
        void state?.save(GROUP, group);
      }
    }
  });
}
