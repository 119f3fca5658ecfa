import {
  ILabShell,
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import {
  ICommandPalette,
  MainAreaWidget,
  Notification
} from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { CommandIDs, RUN_ARGS, runInFront, runOfArgs } from '../../commands';
import { glyphIcon } from '../../components/icons';
import { DOMAIN, IMLRunService } from '../../tokens';
import type { FormTarget } from './task';

const NAME = /^[^\s/\\?#%]{1,256}$/;

/** Forms that run something with values typed in. */
export const formPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlrun:form',
  description: 'The form that runs a function or a run with other values.',
  autoStart: true,
  requires: [IMLRunService],
  optional: [ILabShell, ITranslator, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    service: IMLRunService,
    shell: ILabShell | null,
    translator: ITranslator | null,
    palette: ICommandPalette | null
  ): void => {
    if (!shell) {
      return; // Notebook 7 has no place for tabs; its cards lead to Lab
    }
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const { commands } = app;
    const open = async (target: FormTarget, later = false) => {
      const [{ FormModel }, { FormPanel }] = await Promise.all([
        import('./model'),
        import('./widget')
      ]);
      const model = new FormModel(service, target, trans);
      if (later) {
        model.when({});
      }
      const content = new FormPanel(model, trans, made => {
        widget.dispose();
        if ('run' in made) {
          void commands.execute(CommandIDs.openRun, { ...made.run });
        } else {
          void commands.execute(CommandIDs.openSchedule, {
            ...made.schedule
          });
        }
      });
      const widget = new MainAreaWidget({ content });
      // everything is in the header: the toolbar above it stays empty
      widget.toolbar.hide();
      widget.id = `jp-mlrun-form-${Date.now()}`;
      widget.title.icon = glyphIcon('play');
      widget.title.closable = true;
      const entitle = () => {
        widget.title.label = model.name
          ? trans.__('Run %1', model.name)
          : trans.__('Run');
      };
      entitle();
      model.changed.connect(entitle);
      shell.add(widget, 'main', { mode: 'split-right' });
      shell.activateById(widget.id);
    };
    commands.addCommand(CommandIDs.editAndRerun, {
      label: trans.__('Rerun with Edits…'),
      icon: glyphIcon('rerun'),
      describedBy: RUN_ARGS,
      execute: async args => {
        const ref = runOfArgs(args) ?? runInFront(shell);
        if (ref) {
          await open(ref);
        } else {
          Notification.info(
            trans.__('Open the tab of a run first, then rerun it with edits.'),
            { autoClose: 5000 }
          );
        }
      }
    });
    palette?.addItem({
      command: CommandIDs.editAndRerun,
      category: trans.__('MLRun')
    });
    commands.addCommand(CommandIDs.runForm, {
      label: args =>
        args.schedule === true ? trans.__('Schedule…') : trans.__('Run…'),
      icon: args => glyphIcon(args.schedule === true ? 'clock' : 'play'),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            project: { type: 'string', description: 'Project of the function' },
            name: { type: 'string', description: 'Name of the function' },
            hash: { type: 'string', description: 'Version of the function' },
            schedule: {
              type: 'boolean',
              description: 'Whether to run it by the clock'
            }
          },
          required: ['project', 'name']
        }
      },
      isEnabled: args => functionOf(args) !== null,
      execute: async args => {
        const target = functionOf(args);
        if (target) {
          await open(target, args.schedule === true);
        }
      }
    });
  }
};

function functionOf(
  args: Readonly<Record<string, unknown>>
): { project: string; name: string; hash?: string } | null {
  const { project, name, hash } = args;
  return typeof project === 'string' &&
    typeof name === 'string' &&
    NAME.test(project) &&
    NAME.test(name)
    ? { project, name, hash: typeof hash === 'string' ? hash : undefined }
    : null;
}

export default formPlugin;
