import {
  ILabShell,
  ILayoutRestorer,
  IRouter,
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import {
  ITranslator,
  TranslationBundle,
  nullTranslator
} from '@jupyterlab/translation';
import type { IRunRef } from '../../api/documents';
import { CommandIDs, RUN_ARGS, runOfArgs } from '../../commands';
import { glyphIcon } from '../../components/icons';
import { highlighterOf } from '../../models/highlight';
import { readCellSource } from '../../models/notebooks';
import { DOMAIN, IMLRunService } from '../../tokens';
import type { IRunTabContext, RunPanel } from './widget';

const ROUTE = 'jupyter-mlrun:route-run';
const ASKED = /[?&]mlrun-run=/;

type Tracker = WidgetTracker<MainAreaWidget<RunPanel>>;

function isOf(widget: MainAreaWidget<RunPanel>, ref: IRunRef): boolean {
  const known = widget.content.model.ref;
  return known.project === ref.project && known.uid === ref.uid;
}

/** Tabs of runs. */
export const runPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlrun:run',
  description: 'The tab of a run: overview, iterations, artifacts, log, code.',
  autoStart: true,
  requires: [IMLRunService, IRenderMimeRegistry],
  optional: [
    ILabShell,
    ILayoutRestorer,
    ITranslator,
    INotebookTracker,
    IEditorLanguageRegistry,
    IRouter
  ],
  activate: (
    app: JupyterFrontEnd,
    service: IMLRunService,
    rendermime: IRenderMimeRegistry,
    shell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    translator: ITranslator | null,
    notebooks: INotebookTracker | null,
    languages: IEditorLanguageRegistry | null,
    router: IRouter | null
  ): void => {
    if (!shell) {
      return; // Notebook 7 has no place for tabs; its cards lead to Lab
    }
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const tracker: Tracker = new WidgetTracker({
      namespace: 'jupyter-mlrun-run'
    });
    const { commands } = app;
    const context: IRunTabContext = {
      service,
      commands,
      rendermime,
      trans,
      highlight: highlighterOf(languages),
      onOpen: ref => void commands.execute(CommandIDs.openRun, { ...ref }),
      onCell: (ref, line) =>
        void commands.execute(CommandIDs.goToCell, { ...ref, line }),
      readCell: model =>
        readCellSource(
          app.serviceManager.contents,
          notebooks,
          model.doc?.spec.origin
        )
    };
    addOpenCommand(app, shell, tracker, context, trans);
    void restorer?.restore(tracker, {
      command: CommandIDs.openRun,
      args: widget => ({
        ...widget.content.model.ref,
        section: widget.content.model.section
      }),
      name: widget => {
        const { project, uid } = widget.content.model.ref;
        return `${project}/${uid}`;
      }
    });
    if (router) {
      addRoute(app, router);
    }
  }
};

function addOpenCommand(
  app: JupyterFrontEnd,
  shell: ILabShell,
  tracker: Tracker,
  context: IRunTabContext,
  trans: TranslationBundle
): void {
  app.commands.addCommand(CommandIDs.openRun, {
    label: trans.__('Open Run'),
    icon: glyphIcon('open'),
    describedBy: RUN_ARGS,
    isEnabled: args => runOfArgs(args) !== null,
    execute: async args => {
      const ref = runOfArgs(args);
      if (!ref) {
        return;
      }
      const { makeRunTab } = await import('./widget');
      let widget = tracker.find(held => isOf(held, ref));
      if (!widget) {
        widget = makeRunTab(context, ref);
        const made = widget;
        void tracker.add(made);
        made.content.model.changed.connect(() => void tracker.save(made));
      }
      if (!widget.isAttached) {
        shell.add(widget, 'main', {
          mode: args.mode === 'split-right' ? 'split-right' : 'tab-after'
        });
      }
      widget.content.showSection(args.section, args.line);
      shell.activateById(widget.id);
    }
  });
}

/**
 * An address can name a run: pages without tabs of ours (Notebook 7) open Lab by it. It is read when
 * Lab begins, since Lab may route it late or load again when it empties a workspace for it.
 */
function addRoute(app: JupyterFrontEnd, router: IRouter): void {
  const opened = new Set<string>();
  const open = (search: string) => {
    const asked = new URLSearchParams(search);
    const name = asked.get('mlrun-run') ?? '';
    const [project, uid] = name.split('/');
    const ref = runOfArgs({ project, uid });
    if (!ref || opened.has(name)) {
      return;
    }
    opened.add(name);
    const isLog = asked.get('mlrun-open') === CommandIDs.openLog;
    const command = isLog ? CommandIDs.openLog : CommandIDs.openRun;
    // the layout is restored only after all routes have been taken
    void app.restored.then(() =>
      app.commands.execute(command, { ...ref, mode: 'tab-after' })
    );
  };
  open(router.current.search ?? '');
  app.commands.addCommand(ROUTE, {
    describedBy: {
      args: {
        type: 'object',
        properties: {
          search: { type: 'string', description: 'The query of the address' }
        }
      }
    },
    execute: args => {
      const asked = new URLSearchParams(String(args.search ?? ''));
      open(asked.toString());
      if (asked.has('reset') || asked.has('clone')) {
        return; // Lab empties or copies the workspace first, then routes again without these
      }
      opened.delete(asked.get('mlrun-run') ?? '');
      asked.delete('mlrun-run');
      asked.delete('mlrun-open');
      const rest = asked.toString();
      router.navigate(
        router.current.path + (rest ? `?${rest}` : '') + router.current.hash,
        { skipRouting: true }
      );
    }
  });
  router.register({ command: ROUTE, pattern: ASKED, rank: 30 });
}

export default runPlugin;
