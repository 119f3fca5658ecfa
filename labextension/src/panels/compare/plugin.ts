import {
  ILayoutRestorer,
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import {
  InputDialog,
  MainAreaWidget,
  Notification,
  WidgetTracker
} from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import {
  ITranslator,
  nullTranslator,
  TranslationBundle
} from '@jupyterlab/translation';
import type { IRunRef } from '../../api/documents';
import { listRuns, readRun } from '../../api/runs';
import {
  CommandIDs,
  NO_ARGS,
  RUN_ARGS,
  RUNS_ARGS,
  runOfArgs,
  runsOfArgs
} from '../../commands';
import { glyphIcon } from '../../components/icons';
import { stateWord } from '../../components/stateIcon';
import { formatSince, parseTime, shortId } from '../../format';
import { ComparedRuns } from '../../models/comparedRuns';
import { readPreviousRun } from '../../models/differences';
import { runKey } from '../../models/selection';
import { DOMAIN, IMLRunService } from '../../tokens';
import { CompareView } from './widget';

const NAMESPACE = 'jupyter-mlrun-compare';
const LAST_RUNS = 200;

/** What the comparing commands work with. */
interface IContext {
  app: JupyterFrontEnd;
  service: IMLRunService;
  trans: TranslationBundle;
  rendermime: IRenderMimeRegistry | null;
}

/** Comparisons of two or more runs in tabs. */
export const comparePlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlrun:compare',
  description: 'Comparisons of MLRun runs: what differs, metrics, code.',
  autoStart: true,
  requires: [IMLRunService],
  optional: [
    ITranslator,
    ILayoutRestorer,
    INotebookTracker,
    IRenderMimeRegistry
  ],
  activate: (
    app: JupyterFrontEnd,
    service: IMLRunService,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null,
    notebooks: INotebookTracker | null,
    rendermime: IRenderMimeRegistry | null
  ): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const context = { app, service, trans, rendermime };
    addCompare(context, restorer);
    addPrevious(context);
    if (notebooks) {
      addLastTwo(context, notebooks);
    }
  }
};

function idOf(runs: readonly IRunRef[]): string {
  return `${NAMESPACE}:${runs.map(runKey).sort().join(',')}`;
}

function addCompare(context: IContext, restorer: ILayoutRestorer | null): void {
  const { app, service, trans } = context;
  const tracker = new WidgetTracker<MainAreaWidget<CompareView>>({
    namespace: NAMESPACE
  });
  app.commands.addCommand(CommandIDs.compare, {
    label: trans.__('Compare'),
    icon: glyphIcon('columns'),
    describedBy: RUNS_ARGS,
    isEnabled: args => args.runs === undefined || runsOfArgs(args).length > 1,
    execute: args => {
      const runs = runsOfArgs(args);
      if (runs.length < 2) {
        Notification.info(
          trans.__('Select two or more runs to compare them.'),
          { autoClose: 8000 }
        );
        return null;
      }
      const id = idOf(runs);
      let widget = tracker.find(known => known.id === id);
      if (!widget) {
        const content = new CompareView({
          runs: new ComparedRuns(service, runs),
          commands: app.commands,
          trans,
          rendermime: context.rendermime,
          chooseRun: () => chooseRun(runs, service, trans)
        });
        widget = new MainAreaWidget({ content });
        widget.id = id;
        widget.title.label = trans._n(
          'Compare %1 run',
          'Compare %1 runs',
          runs.length
        );
        widget.title.icon = glyphIcon('columns');
        widget.title.closable = true;
        widget.toolbar.hide();
        void tracker.add(widget);
      }
      if (!widget.isAttached) {
        app.shell.add(widget, 'main', { type: 'MLRun' });
      }
      app.shell.activateById(id);
      return widget;
    }
  });
  void restorer?.restore(tracker, {
    command: CommandIDs.compare,
    args: widget => ({
      runs: widget.content.options.runs.refs.map(({ project, uid }) => ({
        project,
        uid
      }))
    }),
    name: widget => widget.id
  });
}

/** Let the user choose one of the last runs of the projects that are compared. */
async function chooseRun(
  compared: readonly IRunRef[],
  service: IMLRunService,
  trans: TranslationBundle
): Promise<IRunRef | null> {
  const projects = new Set(compared.map(({ project }) => project));
  const { rows } = await listRuns(service.settings, {
    project: projects.size === 1 ? compared[0].project : null,
    limit: LAST_RUNS
  });
  const now = Date.now();
  const words = rows.map(row => {
    const start = parseTime(row.start_time);
    const ago = start === null ? '' : formatSince(start, now, trans);
    return `${row.name} ${shortId(row.uid)} · ${stateWord(row.state, trans)} · ${ago}`;
  });
  const answer = await InputDialog.getItem({
    title: trans.__('Add a run to the comparison'),
    items: words,
    okLabel: trans.__('Add')
  });
  const row = rows[words.indexOf(answer.value ?? '')];
  return answer.button.accept && row
    ? { project: row.project, uid: row.uid }
    : null;
}

function addPrevious({ app, service, trans }: IContext): void {
  app.commands.addCommand(CommandIDs.comparePrevious, {
    label: trans.__('Compare with previous'),
    icon: glyphIcon('columns'),
    describedBy: RUN_ARGS,
    execute: async args => {
      const ref = runOfArgs(args);
      if (!ref) {
        return;
      }
      const run = await readRun(service.settings, ref);
      const previous = await readPreviousRun(service.settings, run);
      if (!previous) {
        Notification.info(
          trans.__('%1 has no earlier run to compare with.', run.metadata.name),
          { autoClose: 8000 }
        );
        return;
      }
      const { project, uid = '' } = previous.metadata;
      await app.commands.execute(CommandIDs.compare, {
        runs: [{ project, uid }, { ...ref }]
      });
    }
  });
}

function addLastTwo(context: IContext, notebooks: INotebookTracker): void {
  const { app, service, trans } = context;
  app.commands.addCommand(CommandIDs.compareLastTwo, {
    label: trans.__('Compare the last two runs of this cell'),
    icon: glyphIcon('columns'),
    describedBy: NO_ARGS,
    isEnabled: () => notebooks.activeCell !== null,
    execute: async () => {
      const cell = notebooks.activeCell?.model.id;
      const notebook = notebooks.currentWidget?.context.localPath;
      if (!cell || !notebook) {
        return;
      }
      const page = await listRuns(service.settings, {
        project: null,
        notebook,
        sort: '-start_time',
        limit: LAST_RUNS
      });
      const runs = page.rows
        .filter(row => row.cell_id === cell)
        .slice(0, 2)
        .reverse()
        .map(({ project, uid }) => ({ project, uid }));
      if (runs.length < 2) {
        Notification.info(
          trans.__(
            'This cell has not run twice, so there is nothing to compare.'
          ),
          { autoClose: 8000 }
        );
        return;
      }
      await app.commands.execute(CommandIDs.compare, { runs });
    }
  });
}
