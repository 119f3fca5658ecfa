import {
  ILayoutRestorer,
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import {
  ICommandPalette,
  MainAreaWidget,
  WidgetTracker
} from '@jupyterlab/apputils';
import { ILauncher } from '@jupyterlab/launcher';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { CommandIDs, IFilterArgs } from '../../commands';
import { glyphIcon } from '../../components/icons';
import { Activity } from '../../models/activity';
import { ExpandedRuns } from '../../models/expandedRuns';
import { RunList } from '../../models/runList';
import { Selection } from '../../models/selection';
import { TableLayout } from '../../models/tableLayout';
import { DOMAIN, IMLRunDeletions, IMLRunService } from '../../tokens';
import { RunsTable } from './widget';

const ID = 'jupyter-mlrun-runs-table';
const NAMESPACE = 'jupyter-mlrun-runs-table';

/** The table of runs in the main area. */
export const tablePlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlrun:runs-table',
  description: 'The table of runs: sorted and filtered by the service.',
  autoStart: true,
  requires: [IMLRunService, IMLRunDeletions],
  optional: [
    ITranslator,
    ILayoutRestorer,
    ICommandPalette,
    ILauncher,
    IStateDB
  ],
  activate: (
    app: JupyterFrontEnd,
    service: IMLRunService,
    deletions: IMLRunDeletions,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    launcher: ILauncher | null,
    state: IStateDB | null
  ): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const { commands, shell } = app;
    const layout = new TableLayout('runs', state);
    const tracker = new WidgetTracker<MainAreaWidget<RunsTable>>({
      namespace: NAMESPACE
    });
    const make = (q: string): MainAreaWidget<RunsTable> => {
      const selection = new Selection();
      selection.follow(service);
      const list = new RunList(service, { q });
      const content = new RunsTable({
        list,
        expanded: new ExpandedRuns(list),
        activity: new Activity(list),
        selection,
        deletions,
        commands,
        trans,
        layout
      });
      const widget = new MainAreaWidget({ content });
      widget.id = ID;
      widget.title.icon = glyphIcon('table');
      widget.title.closable = true;
      widget.toolbar.hide();
      return widget;
    };
    const retitle = () => {
      const label =
        service.project === null
          ? trans.__('Runs')
          : trans.__('Runs: %1', service.project);
      tracker.forEach(widget => {
        widget.title.label = label;
      });
    };
    service.projectChanged.connect(retitle);

    commands.addCommand(CommandIDs.openRuns, {
      label: args =>
        args.isLauncher ? trans.__('Runs') : trans.__('Open the table of runs'),
      caption: trans.__('All runs of this server in a table'),
      icon: glyphIcon('mlrun'),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            q: { type: 'string', description: 'Filter to begin with' }
          }
        }
      },
      execute: (args: ReadonlyPartialJSONObject) => {
        const { q } = args as IFilterArgs;
        let widget = tracker.find(known => known.id === ID);
        if (!widget) {
          widget = make(q ?? '');
          void tracker.add(widget);
          retitle();
        } else if (q !== undefined) {
          widget.content.options.list.setQuery({ q });
        }
        if (!widget.isAttached) {
          shell.add(widget, 'main', { type: 'MLRun' });
        }
        shell.activateById(ID);
        return widget;
      }
    });
    void restorer?.restore(tracker, {
      command: CommandIDs.openRuns,
      args: widget => ({ q: widget.content.options.list.query.q }),
      name: () => ID
    });
    palette?.addItem({
      command: CommandIDs.openRuns,
      category: trans.__('MLRun')
    });
    launcher?.add({
      command: CommandIDs.openRuns,
      args: { isLauncher: true },
      category: trans.__('MLRun'),
      rank: 1
    });
  }
};
