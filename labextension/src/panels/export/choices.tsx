import { Dialog, ReactWidget } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import { Contents, ServerConnection } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ISignal, Signal } from '@lumino/signaling';
import React from 'react';
import { HighlighterProvider } from '../../components/code';
import { FilePreview } from '../../components/filePreview';
import { Note } from '../../components/note';
import { TranslationProvider, useTrans } from '../../components/translation';
import type { ExportFormat, IExported } from '../../models/exports';
import type { Highlighter } from '../../models/highlight';

/** How long nobody types before it is looked for what stands at a path. */
const TYPING = 300;
/** The place of the button that saves, the default one. */
const SAVE = 2;

/** What the user has chosen, and where it is to be saved. */
export interface IChoice {
  chosen: IExported;
  folder: string;
  /** The file in the way that was shown last. */
  seen?: { path: string; text: string };
}

/** Where a choice is saved; empty for what is only copied, or cannot be made. */
export function pathOf({ chosen, folder }: IChoice): string {
  return chosen.problem || !chosen.name
    ? ''
    : PathExt.join(folder, chosen.name);
}

/** The text of a file; undefined where there is none, empty where it is no text. */
export async function readText(
  contents: Contents.IManager,
  path: string
): Promise<string | undefined> {
  try {
    const file = await contents.get(path, {
      type: 'file',
      format: 'text',
      content: true
    });
    return String(file.content);
  } catch (reason) {
    const isGone =
      reason instanceof ServerConnection.ResponseError &&
      reason.response.status === 404;
    // what cannot be read cannot be compared: saving says why
    return isGone ? undefined : '';
  }
}

/** A dialog whose body has buttons of its own, and that saves only what has a name. */
export class ExportDialog extends Dialog<IChoice> {
  constructor(
    private _choices: ExportBody,
    options: Partial<Dialog.IOptions<IChoice>>
  ) {
    super({ ...options, body: _choices });
    this.addClass('jp-mlrun-exportDialog');
    _choices.changed.connect(() => this._update());
    this._update();
  }

  handleEvent(event: Event): void {
    const { target } = event;
    const isOwn =
      event instanceof KeyboardEvent &&
      event.key === 'Enter' &&
      target instanceof HTMLButtonElement &&
      this._choices.node.contains(target);
    // Lab's dialog would swallow what presses a button of the body
    if (!isOwn) {
      super.handleEvent(event);
    }
  }

  resolve(index?: number): void {
    const { chosen } = this._choices.getValue();
    const isSave = index === undefined || index === SAVE;
    if (isSave ? pathOf(this._choices.getValue()) : !chosen.problem || !index) {
      super.resolve(index);
    }
  }

  private _update(): void {
    const choice = this._choices.getValue();
    const disable = (name: string, isDisabled: boolean) =>
      this.node
        .querySelector<HTMLButtonElement>(`.jp-mlrun-${name}`)
        ?.toggleAttribute('disabled', isDisabled);
    disable('save', !pathOf(choice));
    disable('copy', Boolean(choice.chosen.problem));
  }
}

/** The choices of an export, each with its preview. */
export class ExportBody
  extends ReactWidget
  implements Dialog.IBodyWidget<IChoice>
{
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

  /** Another choice was made. */
  get changed(): ISignal<this, void> {
    return this._changed;
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
              this._changed.emit();
            }}
          />
        </HighlighterProvider>
      </TranslationProvider>
    );
  }

  private _value: IChoice;
  private _changed = new Signal<this, void>(this);
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
  const path = pathOf(value);
  const before = useBefore(props.contents, path);
  const { onChange } = props;
  React.useEffect(() => {
    const seen = before === undefined ? undefined : { path, text: before };
    onChange({ chosen, folder, seen });
    // the choice itself is told where it is made
  }, [before, path]);
  const words: Readonly<Record<ExportFormat, string>> = {
    module: trans.__('Python module'),
    yaml: trans.__('Function YAML'),
    notebook: trans.__('Notebook with parameters'),
    manifest: trans.__('Job manifest'),
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
      {chosen.problem ? (
        <Note kind="warning">{chosen.problem}</Note>
      ) : chosen.name ? (
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
      {!chosen.problem && (
        <FilePreview
          key={`${path} ${before === undefined ? 'new' : 'known'}`}
          path={path || words.command}
          text={chosen.text}
          language={chosen.language}
          before={before}
        />
      )}
    </>
  );
}

/** What stands at a path now, once nobody types; undefined where nothing does. */
function useBefore(
  contents: Contents.IManager,
  path: string
): string | undefined {
  const [before, setBefore] = React.useState<string | undefined>(undefined);
  React.useEffect(() => {
    let current = true;
    setBefore(undefined);
    const look = () =>
      void readText(contents, path).then(text => current && setBefore(text));
    const timer = path ? setTimeout(look, TYPING) : undefined;
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [contents, path]);
  return before;
}
