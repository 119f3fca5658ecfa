import type { JupyterFrontEnd } from '@jupyterlab/application';
import {
  Clipboard,
  Dialog,
  Notification,
  ReactWidget
} from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import type { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { Contents, ServerConnection } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { readFunction } from '../../api/functions';
import { reasonOf } from '../../api/request';
import type { INamedRef } from '../../api/schedules';
import { HighlighterProvider } from '../../components/code';
import { FilePreview } from '../../components/filePreview';
import { TranslationProvider, useTrans } from '../../components/translation';
import {
  ExportFormat,
  exportsOf,
  IExported
} from '../../models/functionExport';
import type { Highlighter } from '../../models/highlight';
import type { IMLRunService } from '../../tokens';

/** What the export of a function works with. */
export interface IExportContext {
  app: JupyterFrontEnd;
  service: IMLRunService;
  trans: TranslationBundle;
  highlight: Highlighter | null;
  browser: IDefaultFileBrowser | null;
}

/** Show what a version can be exported as, and copy or save what the user chooses. */
export async function exportFunction(
  context: IExportContext,
  ref: INamedRef,
  hash?: string
): Promise<void> {
  const { trans, service, app } = context;
  try {
    const { project, name } = ref;
    const doc = await readFunction(service.settings, project, name, { hash });
    const body = new ExportBody(
      exportsOf(doc),
      context.browser?.model.path ?? '',
      app.serviceManager.contents,
      trans,
      context.highlight
    );
    const dialog = new Dialog<IChoice>({
      title: trans.__('Export %1', name),
      body,
      buttons: [
        Dialog.cancelButton({ label: trans.__('Cancel') }),
        Dialog.createButton({ label: trans.__('Copy'), actions: ['copy'] }),
        Dialog.okButton({ label: trans.__('Save to folder') })
      ],
      hasClose: true
    });
    dialog.addClass('jp-mlrun-exportDialog');
    const { button, value } = await dialog.launch();
    if (!button.accept || !value) {
      return;
    }
    if (button.actions.includes('copy') || !value.chosen.name) {
      Clipboard.copyToSystem(value.chosen.text);
      Notification.success(trans.__('Copied.'), { autoClose: 3000 });
    } else {
      await save(context, value);
    }
  } catch (reason) {
    Notification.error(
      trans.__('%1 was not exported: %2', ref.name, reasonOf(reason)),
      { autoClose: false }
    );
  }
}

async function save(
  { app, trans }: IExportContext,
  { chosen, folder }: IChoice
): Promise<void> {
  const path = PathExt.join(folder, chosen.name);
  await app.serviceManager.contents.save(path, {
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

interface IChoice {
  chosen: IExported;
  folder: string;
}

class ExportBody extends ReactWidget implements Dialog.IBodyWidget<IChoice> {
  constructor(
    private _exports: readonly IExported[],
    folder: string,
    private _contents: Contents.IManager,
    private _trans: TranslationBundle,
    private _highlight: Highlighter | null
  ) {
    super();
    this.addClass('jp-mlrun-export');
    this._value = { chosen: _exports[0], folder };
  }

  getValue(): IChoice {
    return this._value;
  }

  protected render() {
    return (
      <TranslationProvider value={this._trans}>
        <HighlighterProvider value={this._highlight}>
          <Body
            exports={this._exports}
            first={this._value}
            contents={this._contents}
            onChange={value => {
              this._value = value;
            }}
          />
        </HighlighterProvider>
      </TranslationProvider>
    );
  }

  private _value: IChoice;
}

function Body(props: {
  exports: readonly IExported[];
  first: IChoice;
  contents: Contents.IManager;
  onChange: (value: IChoice) => void;
}) {
  const trans = useTrans();
  const [value, setValue] = React.useState(props.first);
  const { chosen, folder } = value;
  const path = chosen.name && PathExt.join(folder, chosen.name);
  const before = useBefore(props.contents, path);
  const words: Readonly<Record<ExportFormat, string>> = {
    module: trans.__('Python module'),
    yaml: trans.__('Function YAML'),
    notebook: trans.__('Notebook with parameters'),
    command: trans.__('Command line')
  };
  const change = (next: IChoice) => {
    setValue(next);
    props.onChange(next);
  };
  return (
    <>
      <div
        className="jp-mlrun-segments"
        role="group"
        aria-label={trans.__('Export as')}
      >
        {props.exports.map(each => (
          <button
            key={each.format}
            type="button"
            aria-pressed={each === chosen}
            onClick={() => change({ ...value, chosen: each })}
          >
            {words[each.format]}
          </button>
        ))}
      </div>
      {chosen.name ? (
        <label className="jp-mlrun-export-folder">
          {trans.__('Folder')}{' '}
          <input
            type="text"
            className="jp-mlrun-input"
            value={folder}
            placeholder={trans.__('the root of the server')}
            onChange={event => change({ ...value, folder: event.target.value })}
          />
          {before !== undefined && (
            <span className="jp-mlrun-dim">
              {before === chosen.text
                ? trans.__('unchanged')
                : trans.__('replaces a file')}
            </span>
          )}
        </label>
      ) : (
        <p className="jp-mlrun-quiet">
          {trans.__('For a terminal: nothing is saved, it is copied.')}
        </p>
      )}
      <FilePreview
        key={`${path} ${before === undefined ? 'new' : 'known'}`}
        path={path || words.command}
        text={chosen.text}
        language={chosen.language}
        before={before}
      />
    </>
  );
}

/** What stands at a path now; undefined where nothing does. */
function useBefore(
  contents: Contents.IManager,
  path: string
): string | undefined {
  const [before, setBefore] = React.useState<string | undefined>(undefined);
  React.useEffect(() => {
    let current = true;
    setBefore(undefined);
    if (path) {
      contents.get(path, { type: 'file', format: 'text', content: true }).then(
        file => current && setBefore(String(file.content)),
        reason => {
          const isGone =
            reason instanceof ServerConnection.ResponseError &&
            reason.response.status === 404;
          if (!isGone && current) {
            // what cannot be read cannot be compared: saving says why
            setBefore('');
          }
        }
      );
    }
    return () => {
      current = false;
    };
  }, [contents, path]);
  return before;
}
