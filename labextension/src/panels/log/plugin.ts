import {
  ILabShell,
  ILayoutRestorer,
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { IRunRef } from '../../api/documents';
import { readRun } from '../../api/runs';
import { CommandIDs, RUN_ARGS, runInFront, runOfArgs } from '../../commands';
import { glyphIcon } from '../../components/icons';
import { shortId } from '../../format';
import { DOMAIN, IMLRunService } from '../../tokens';
import type { LogPanel } from './widget';

const ID = 'jupyter-mlrun:log';

/** Logs of runs in tabs. */
export const logPlugin: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'The log of a run in a tab of its own.',
  autoStart: true,
  requires: [IMLRunService],
  optional: [ILabShell, ILayoutRestorer, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    service: IMLRunService,
    shell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    translator: ITranslator | null
  ): void => {
    if (!shell) {
      return; // Notebook 7 has no place for tabs; its cards lead to Lab
    }
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const tracker = new WidgetTracker<MainAreaWidget<LogPanel>>({
      namespace: 'jupyter-mlrun-log'
    });
    const make = (
      ref: IRunRef,
      Panel: typeof LogPanel
    ): MainAreaWidget<LogPanel> => {
      const content = new Panel(
        service,
        ref,
        trans,
        (file, line) =>
          void app.commands.execute(CommandIDs.goToPlace, {
            ...ref,
            file,
            line
          })
      );
      const widget = new MainAreaWidget({ content });
      // everything is in the header: the toolbar above it stays empty
      widget.toolbar.hide();
      widget.id = `jp-mlrun-log-${ref.project}-${ref.uid}`;
      const entitle = (name: string) => {
        widget.title.label = trans.__('Log: %1', name);
        widget.title.caption = trans.__('Log of %1 in %2', name, ref.project);
      };
      const row = service.row(ref.project, ref.uid);
      entitle(row?.name ?? shortId(ref.uid));
      if (!row) {
        // a restored tab, or a card's run that no list has brought yet
        readRun(service.settings, ref).then(
          run => entitle(run.metadata.name),
          reason => console.warn('MLRun: the run was not read.', reason)
        );
      }
      widget.title.icon = glyphIcon('log');
      widget.title.closable = true;
      void tracker.add(widget);
      return widget;
    };
    app.commands.addCommand(CommandIDs.openLog, {
      label: trans.__('Open Log'),
      icon: glyphIcon('log'),
      describedBy: RUN_ARGS,
      isEnabled: args => (runOfArgs(args) ?? runInFront(shell)) !== null,
      execute: async args => {
        const ref = runOfArgs(args) ?? runInFront(shell);
        if (!ref) {
          return;
        }
        const { LogPanel } = await import('./widget');
        const widget =
          tracker.find(held => isOf(held, ref)) ?? make(ref, LogPanel);
        if (!widget.isAttached) {
          shell.add(widget, 'main', {
            mode: args.mode === 'tab-after' ? 'tab-after' : 'split-right'
          });
        }
        if (typeof args.line === 'number') {
          widget.content.showLine(args.line);
        }
        shell.activateById(widget.id);
      }
    });
    void restorer?.restore(tracker, {
      command: CommandIDs.openLog,
      args: widget => ({ ...widget.content.ref, mode: 'tab-after' }),
      name: widget => `${widget.content.ref.project}/${widget.content.ref.uid}`
    });
  }
};

function isOf(widget: MainAreaWidget<LogPanel>, ref: IRunRef): boolean {
  const { project, uid } = widget.content.ref;
  return project === ref.project && uid === ref.uid;
}

export default logPlugin;
