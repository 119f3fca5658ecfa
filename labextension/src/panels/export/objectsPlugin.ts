import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import {
  CommandIDs,
  NAMED_ARGS,
  namedOfArgs,
  RUN_ARGS,
  runOfArgs
} from '../../commands';
import { glyphIcon } from '../../components/icons';
import { highlighterOf } from '../../models/highlight';
import { DOMAIN, IMLRunService } from '../../tokens';

/** Makes files and command lines of functions and runs, from their menus. */
export const exportObjectsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlrun:export-objects',
  description: 'Export of functions and runs.',
  autoStart: true,
  requires: [IMLRunService],
  optional: [ITranslator, IEditorLanguageRegistry, IDefaultFileBrowser],
  activate: (
    app: JupyterFrontEnd,
    service: IMLRunService,
    translator: ITranslator | null,
    languages: IEditorLanguageRegistry | null,
    browser: IDefaultFileBrowser | null
  ): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const highlight = highlighterOf(languages);
    const context = { app, service, trans, highlight, browser };
    const look = { label: trans.__('Export…'), icon: glyphIcon('download') };
    app.commands.addCommand(CommandIDs.exportFunction, {
      ...look,
      describedBy: NAMED_ARGS,
      isEnabled: args => namedOfArgs(args) !== null,
      execute: async args => {
        const ref = namedOfArgs(args);
        if (ref) {
          const { exportFunction } = await import('./objects');
          const { hash } = args;
          const version = typeof hash === 'string' ? hash : undefined;
          await exportFunction(context, ref, version);
        }
      }
    });
    app.commands.addCommand(CommandIDs.exportRun, {
      ...look,
      describedBy: RUN_ARGS,
      isEnabled: args => runOfArgs(args) !== null,
      execute: async args => {
        const ref = runOfArgs(args);
        if (ref) {
          const { exportRun } = await import('./objects');
          await exportRun(context, ref);
        }
      }
    });
  }
};

export default exportObjectsPlugin;
