import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { PanelWithToolbar, ToolbarButton } from '@jupyterlab/ui-components';
import { Widget } from '@lumino/widgets';
import { CommandIDs } from '../../commands';
import { glyphIcon } from '../../components/icons';
import { formatCount } from '../../format';
import { RunList } from '../../models/runList';
import { Selection } from '../../models/selection';
import {
  DOMAIN,
  IMLRunDeletions,
  IMLRunPanel,
  IMLRunService
} from '../../tokens';
import { RunsBody } from './section';

const TYPING_DELAY = 200;

function totalLabel(list: RunList): string {
  if (!list.ready) {
    return '';
  }
  const all = Object.values(list.counts).reduce((sum, count) => sum + count, 0);
  return list.total === all
    ? formatCount(list.total)
    : `${formatCount(list.total)} / ${formatCount(all)}`;
}

/** The section of runs in the MLRun panel. */
export const runsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlrun:runs',
  description: 'The runs, live, in the MLRun panel.',
  autoStart: true,
  requires: [IMLRunService, IMLRunPanel, IMLRunDeletions],
  optional: [ITranslator, INotebookTracker],
  activate: (
    app: JupyterFrontEnd,
    service: IMLRunService,
    panel: IMLRunPanel,
    deletions: IMLRunDeletions,
    translator: ITranslator | null,
    notebooks: INotebookTracker | null
  ): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const list = new RunList(service);
    const selection = new Selection();
    selection.follow(service);
    const body = new RunsBody({
      list,
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

    const total = new Widget({ node: document.createElement('span') });
    total.addClass('jp-mlrun-section-total');
    section.toolbar.addItem('total', total);
    section.toolbar.addItem(
      'table',
      new ToolbarButton({
        icon: glyphIcon('table'),
        tooltip: trans.__('Open as table'),
        onClick: () => {
          void app.commands.execute(CommandIDs.openRuns, {
            q: panel.filter
          });
        }
      })
    );
    list.changed.connect(() => {
      total.node.textContent = totalLabel(list);
    });
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
