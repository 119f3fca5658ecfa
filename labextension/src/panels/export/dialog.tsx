import { Dialog, ReactWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { IExport, IExportedFile } from '../../api/export';
import { HighlighterProvider } from '../../components/code';
import { isChanged } from '../../components/diff';
import { FilePreview } from '../../components/filePreview';
import { Note } from '../../components/note';
import { TranslationProvider, useTrans } from '../../components/translation';
import type { Highlighter } from '../../models/highlight';

/** What a preview shows: the export, and what is in its files now. */
export interface IExportPreview {
  made: IExport;
  /** The text of each file that exists, by path. */
  before: Readonly<Record<string, string>>;
  /** Why the files are not ours to replace, or null. */
  conflict: string | null;
}

/** The preview of an export; its value is whether files in the way may be replaced. */
export class ExportPreview
  extends ReactWidget
  implements Dialog.IBodyWidget<boolean>
{
  constructor(
    private _preview: IExportPreview,
    private _trans: TranslationBundle,
    private _highlight: Highlighter | null
  ) {
    super();
    this.addClass('jp-mlrun-export');
  }

  getValue(): boolean {
    return this._force;
  }

  protected render() {
    return (
      <TranslationProvider value={this._trans}>
        <HighlighterProvider value={this._highlight}>
          <PreviewBody
            {...this._preview}
            onForce={force => {
              this._force = force;
            }}
          />
        </HighlighterProvider>
      </TranslationProvider>
    );
  }

  private _force = false;
}

function PreviewBody(
  props: IExportPreview & { onForce: (force: boolean) => void }
) {
  const trans = useTrans();
  const { made, before, conflict } = props;
  const files = [made.module, made.function];
  const [shown, setShown] = React.useState(0);
  const [force, setForce] = React.useState(false);
  return (
    <>
      {made.warnings.length > 0 && (
        <Note kind="warning">
          <ul>
            {made.warnings.map(warning => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
        </Note>
      )}
      <div
        className="jp-mlrun-segments"
        role="group"
        aria-label={trans.__('Files')}
      >
        {files.map((file, index) => (
          <button
            key={file.path}
            type="button"
            aria-pressed={index === shown}
            onClick={() => setShown(index)}
          >
            {file.path.split('/').pop()}{' '}
            <span className="jp-mlrun-dim">{stateOf(file, before, trans)}</span>
          </button>
        ))}
      </div>
      <FilePreview
        key={files[shown].path}
        path={files[shown].path}
        text={files[shown].text}
        language={files[shown].path.endsWith('.py') ? 'python' : 'yaml'}
        before={before[files[shown].path]}
      />
      {conflict && (
        <Note kind="warning">
          {conflict}
          <label className="jp-mlrun-export-force">
            <input
              type="checkbox"
              checked={force}
              onChange={event => {
                setForce(event.target.checked);
                props.onForce(event.target.checked);
              }}
            />{' '}
            {trans.__('Replace it all the same')}
          </label>
        </Note>
      )}
    </>
  );
}

function stateOf(
  file: IExportedFile,
  before: Readonly<Record<string, string>>,
  trans: TranslationBundle
): string {
  if (!file.exists) {
    return trans.__('new');
  }
  const known = before[file.path];
  return known !== undefined && !isChanged(known, file.text)
    ? trans.__('unchanged')
    : trans.__('replaces a file');
}
