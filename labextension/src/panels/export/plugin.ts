import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { Dialog, ICommandPalette, Notification } from '@jupyterlab/apputils';
import { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { INotebookTracker } from '@jupyterlab/notebook';
import type { Contents } from '@jupyterlab/services';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import {
  ITranslator,
  TranslationBundle,
  nullTranslator
} from '@jupyterlab/translation';
import { IExport, IExportRequest, exportNotebook } from '../../api/export';
import { RequestError, reasonOf } from '../../api/request';
import { CommandIDs } from '../../commands';
import { glyphIcon } from '../../components/icons';
import { Highlighter, highlighterOf } from '../../models/highlight';
import { findNotebook, servicePath } from '../../models/notebooks';
import { DOMAIN, IMLRunService } from '../../tokens';
import type { IExportPreview } from './dialog';

const ID = 'jupyter-mlrun:export';

interface IContext {
  app: JupyterFrontEnd;
  service: IMLRunService;
  notebooks: INotebookTracker;
  browser: IFileBrowserFactory | null;
  trans: TranslationBundle;
  highlight: Highlighter | null;
}

/** Makes a module and a function of a notebook, from its toolbar, the palette and the file browser. */
export const exportPlugin: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'Export of a notebook as a Python module and an MLRun function.',
  autoStart: true,
  requires: [IMLRunService, INotebookTracker],
  optional: [
    IFileBrowserFactory,
    ITranslator,
    ICommandPalette,
    IEditorLanguageRegistry,
    ISettingRegistry
  ],
  activate: (
    app: JupyterFrontEnd,
    service: IMLRunService,
    notebooks: INotebookTracker,
    browser: IFileBrowserFactory | null,
    translator: ITranslator | null,
    palette: ICommandPalette | null,
    languages: IEditorLanguageRegistry | null,
    settings: ISettingRegistry | null
  ): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const highlight = highlighterOf(languages);
    const context = { app, service, notebooks, browser, trans, highlight };
    app.commands.addCommand(CommandIDs.exportNotebook, {
      label: args =>
        args.toolbar ? '' : trans.__('Export Notebook as MLRun Function…'),
      caption: trans.__(
        'Make a Python module and an MLRun function of this notebook'
      ),
      icon: args => (args.toolbar ? glyphIcon('mlrun') : undefined),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            path: { type: 'string', description: 'Path of the notebook' },
            browser: {
              type: 'boolean',
              description: 'Take the notebook selected in the file browser'
            },
            toolbar: {
              type: 'boolean',
              description: 'Shown as an icon in a toolbar'
            }
          }
        }
      },
      isEnabled: args => pathOf(context, args) !== null,
      execute: async args => {
        const path = pathOf(context, args);
        if (path !== null) {
          await runExport(context, path);
        }
      }
    });
    palette?.addItem({
      command: CommandIDs.exportNotebook,
      category: trans.__('MLRun')
    });
    void settings?.load(ID);
  }
};

function pathOf(
  { notebooks, browser }: IContext,
  args: Readonly<Record<string, unknown>>
): string | null {
  if (typeof args.path === 'string') {
    return args.path;
  }
  if (args.browser) {
    const items = [...(browser?.tracker.currentWidget?.selectedItems() ?? [])];
    return items.find(item => item.type === 'notebook')?.path ?? null;
  }
  return notebooks.currentWidget?.context.path ?? null;
}

async function readBefore(
  contents: Contents.IManager,
  made: IExport
): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const file of [made.module, made.function]) {
    if (file.exists) {
      const read = await contents.get(file.path, {
        type: 'file',
        format: 'text',
        content: true
      });
      found[file.path] = String(read.content);
    }
  }
  return found;
}

async function preview(
  context: IContext,
  body: IExportRequest
): Promise<IExportPreview> {
  const { settings } = context.service;
  const contents = context.app.serviceManager.contents;
  try {
    const made = await exportNotebook(settings, { ...body, dry_run: true });
    return { made, before: await readBefore(contents, made), conflict: null };
  } catch (reason) {
    if (!(reason instanceof RequestError) || reason.status !== 409) {
      throw reason;
    }
    const made = await exportNotebook(settings, {
      ...body,
      dry_run: true,
      force: true
    });
    return {
      made,
      before: await readBefore(contents, made),
      conflict: reason.message
    };
  }
}

async function ask(
  context: IContext,
  shown: IExportPreview
): Promise<{ save: boolean; force: boolean }> {
  const { trans } = context;
  const { ExportPreview } = await import('./dialog');
  const dialog = new Dialog<boolean>({
    title: trans.__('Export as MLRun function'),
    body: new ExportPreview(shown, trans, context.highlight),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.okButton({ label: trans.__('Save') })
    ],
    hasClose: true
  });
  dialog.addClass('jp-mlrun-exportDialog');
  const answer = await dialog.launch();
  return { save: answer.button.accept, force: answer.value === true };
}

/** Show what an export makes, and write it when the user says so. */
async function runExport(context: IContext, path: string): Promise<void> {
  const { trans, notebooks, service } = context;
  const open = findNotebook(notebooks, path);
  const body: IExportRequest = {
    path: servicePath(path),
    notebook: open?.context.model.toJSON() ?? null
  };
  try {
    let shown = await preview(context, body);
    for (;;) {
      const { save, force } = await ask(context, shown);
      if (!save) {
        return;
      }
      try {
        report(
          context,
          await exportNotebook(service.settings, { ...body, force })
        );
        return;
      } catch (reason) {
        if (!(reason instanceof RequestError) || reason.status !== 409) {
          throw reason;
        }
        shown = { ...shown, conflict: reason.message };
      }
    }
  } catch (reason) {
    Notification.error(
      trans.__('The notebook was not exported: %1', reasonOf(reason)),
      { autoClose: false }
    );
  }
}

function report({ app, trans }: IContext, made: IExport): void {
  const open = (path: string) => ({
    label: trans.__('Open %1', path.split('/').pop()),
    callback: () => {
      void app.commands.execute('docmanager:open', { path });
    }
  });
  Notification.success(
    trans.__('Saved %1 and %2.', made.module.path, made.function.path),
    {
      autoClose: 8000,
      actions: [open(made.module.path), open(made.function.path)]
    }
  );
}

export default exportPlugin;
