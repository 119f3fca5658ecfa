import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Clipboard, Dialog, Notification } from '@jupyterlab/apputils';
import type { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IFunction, IRunRef } from '../../api/documents';
import { parseFunctionUri, readFunction } from '../../api/functions';
import {
  IManifest,
  readFunctionManifest,
  readRunManifest
} from '../../api/manifests';
import { reasonOf } from '../../api/request';
import { readRun } from '../../api/runs';
import type { INamedRef } from '../../api/schedules';
import { confirm } from '../../components/confirm';
import { shortId } from '../../format';
import { exportsOf, IExported, manifestOf } from '../../models/exports';
import type { Highlighter } from '../../models/highlight';
import type { IMLRunService } from '../../tokens';
import { ExportBody, ExportDialog, IChoice, pathOf, readText } from './choices';

/** What exports of functions and runs work with. */
export interface IExportContext {
  app: JupyterFrontEnd;
  service: IMLRunService;
  trans: TranslationBundle;
  highlight: Highlighter | null;
  browser: IDefaultFileBrowser | null;
}

/** Show what a version of a function can be exported as, and copy or save what is chosen. */
export async function exportFunction(
  context: IExportContext,
  { project, name }: INamedRef,
  hash?: string
): Promise<void> {
  const { trans, service } = context;
  await attempt(context, name, async () => {
    const { settings } = service;
    const doc = await readFunction(settings, project, name, { hash });
    const manifest = await manifestsOf(doc, () =>
      readFunctionManifest(settings, { project, name }, hash)
    );
    const choices = [...exportsOf(doc), ...manifest];
    await offer(context, trans.__('Export %1', name), choices);
  });
}

/** Show what repeats a run elsewhere, and copy or save what is chosen. */
export async function exportRun(
  context: IExportContext,
  ref: IRunRef
): Promise<void> {
  const { trans, service } = context;
  await attempt(context, trans.__('Run %1', shortId(ref.uid)), async () => {
    const { settings } = service;
    const run = await readRun(settings, ref);
    const place = parseFunctionUri(run.spec.function ?? '');
    if (!place) {
      throw new Error(trans.__('it has no function that is stored'));
    }
    const { project, name } = place;
    const doc = await readFunction(settings, project, name, place);
    const manifest = await manifestsOf(doc, () =>
      readRunManifest(settings, ref)
    );
    const choices = [...exportsOf(doc, run), ...manifest];
    const title = trans.__('Export run %1', run.metadata.name);
    await offer(context, title, choices);
  });
}

async function attempt(
  { trans }: IExportContext,
  what: string,
  act: () => Promise<void>
): Promise<void> {
  try {
    await act();
  } catch (reason) {
    Notification.error(
      trans.__('%1 was not exported: %2', what, reasonOf(reason)),
      { autoClose: false }
    );
  }
}

/** The manifest of a job, or why there can be none; functions of other kinds have none. */
async function manifestsOf(
  doc: IFunction,
  read: () => Promise<IManifest>
): Promise<IExported[]> {
  if (doc.kind !== 'job') {
    return [];
  }
  const { name } = doc.metadata;
  try {
    return [manifestOf(name, await read())];
  } catch (reason) {
    return [manifestOf(name, reasonOf(reason))];
  }
}

async function offer(
  context: IExportContext,
  title: string,
  choices: readonly IExported[]
): Promise<void> {
  const { app, trans, browser, highlight } = context;
  const body = new ExportBody(
    choices,
    browser?.model.path ?? '',
    app.serviceManager.contents,
    trans,
    highlight
  );
  const dialog = new ExportDialog(body, {
    title,
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.createButton({
        label: trans.__('Copy'),
        actions: ['copy'],
        className: 'jp-mlrun-copy'
      }),
      Dialog.okButton({
        label: trans.__('Save to folder'),
        className: 'jp-mlrun-save'
      })
    ],
    hasClose: true
  });
  const { button, value } = await dialog.launch();
  if (!button.accept || !value) {
    return;
  }
  if (button.actions.includes('copy')) {
    Clipboard.copyToSystem(value.chosen.text);
    Notification.success(trans.__('Copied.'), { autoClose: 3000 });
  } else {
    await save(context, value);
  }
}

async function save(
  { app, trans }: IExportContext,
  choice: IChoice
): Promise<void> {
  const { chosen } = choice;
  const path = pathOf(choice);
  const { contents } = app.serviceManager;
  const there = await readText(contents, path);
  const isKnown =
    there === undefined ||
    there === chosen.text ||
    (choice.seen?.path === path && choice.seen.text === there);
  // the dialog may have been left before it showed what would be replaced
  if (
    !isKnown &&
    !(await confirm({
      title: trans.__('Replace %1?', chosen.name),
      body: trans.__('%1 is there already and holds something else.', path),
      keep: trans.__('Keep it'),
      act: trans.__('Replace')
    }))
  ) {
    return;
  }
  await contents.save(path, {
    type: 'file',
    format: 'text',
    content: chosen.text
  });
  Notification.success(trans.__('Saved %1.', path), {
    autoClose: 8000,
    actions: [
      {
        label: trans.__('Open %1', chosen.name),
        callback: () => {
          void app.commands.execute('docmanager:open', { path });
        }
      }
    ]
  });
}
