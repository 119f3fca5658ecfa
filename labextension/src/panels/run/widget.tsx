import { MainAreaWidget, ReactWidget, UseSignal } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import React from 'react';
import type { IRunRef } from '../../api/documents';
import { CommandIDs } from '../../commands';
import { Boundary } from '../../components/boundary';
import { HighlighterProvider } from '../../components/code';
import { stateShapeIcon } from '../../components/icons';
import { shapeOf } from '../../components/stateIcon';
import { TranslationProvider } from '../../components/translation';
import { shortId } from '../../format';
import type { Highlighter } from '../../models/highlight';
import type { IMLRunService } from '../../tokens';
import { RunBody } from './body';
import { RunTabModel, Section } from './model';
import type { IRunTabProps } from './props';

const SECTIONS: readonly string[] = [
  'overview',
  'iterations',
  'artifacts',
  'log',
  'code',
  'environment',
  'pods',
  'lineage'
];

/** What the page gives to the tabs of runs. */
export interface IRunTabContext extends Pick<
  IRunTabProps,
  'commands' | 'rendermime' | 'onOpen'
> {
  service: IMLRunService;
  trans: TranslationBundle;
  highlight: Highlighter | null;
  readCell: (model: RunTabModel) => Promise<string | null>;
  onCell: (ref: IRunRef, line?: number) => void;
}

/** The content of a run's tab. */
export class RunPanel extends ReactWidget {
  constructor(
    private _context: IRunTabContext,
    ref: IRunRef
  ) {
    super();
    this.addClass('jp-mlrun-runPanel');
    this.node.dataset.project = ref.project;
    this.node.dataset.uid = ref.uid;
    this.model = new RunTabModel(_context.service, ref);
    void this.model.open();
  }

  readonly model: RunTabModel;

  /** Show a section by its name, `log-at-error`, or a line of the log. */
  showSection(section: unknown, line: unknown): void {
    if (section === 'log-at-error' || typeof line === 'number') {
      void this.model.showLog(typeof line === 'number' ? line : undefined);
    } else if (typeof section === 'string' && SECTIONS.includes(section)) {
      this.model.section = section as Section;
    }
  }

  dispose(): void {
    if (!this.isDisposed) {
      this.model.dispose();
      Signal.clearData(this);
      super.dispose();
    }
  }

  protected render() {
    const { trans, highlight, commands, rendermime, onOpen } = this._context;
    return (
      <TranslationProvider value={trans}>
        <Boundary>
          <HighlighterProvider value={highlight}>
            <UseSignal signal={this.model.changed}>
              {() => (
                <RunBody
                  model={this.model}
                  commands={commands}
                  rendermime={rendermime}
                  onOpen={onOpen}
                  readCell={this._readCell}
                  onCell={this._onCell}
                  onPlace={this._onPlace}
                />
              )}
            </UseSignal>
          </HighlighterProvider>
        </Boundary>
      </TranslationProvider>
    );
  }

  private _readCell = () => this._context.readCell(this.model);

  private _onPlace = (file: string, line: number) =>
    void this._context.commands.execute(CommandIDs.goToPlace, {
      ...this.model.ref,
      file,
      line
    });

  private _onCell = (line?: number) =>
    this._context.onCell(this.model.ref, line);
}

/** The tab of a run: its title tells how the run is. */
export function makeRunTab(
  context: IRunTabContext,
  ref: IRunRef
): MainAreaWidget<RunPanel> {
  const content = new RunPanel(context, ref);
  const widget = new MainAreaWidget({ content });
  // everything is in the header: the toolbar above it stays empty
  widget.toolbar.hide();
  const { trans } = context;
  let shown: string | null = null;
  const entitle = () => {
    const { row } = content.model;
    widget.title.label = row?.name ?? trans.__('Run %1', shortId(ref.uid));
    const shape = shapeOf(row?.state ?? 'unknown');
    if (shape !== shown) {
      shown = shape;
      // the shell gives its measures to the icon that a tab has when it is added, to no later one
      widget.title.icon = stateShapeIcon(shape).bindprops({
        stylesheet: 'mainAreaTab'
      });
    }
    widget.title.caption = trans.__('Run %1 in %2', ref.uid, ref.project);
  };
  entitle();
  content.model.changed.connect(entitle);
  widget.id = `jp-mlrun-run-${ref.project}-${ref.uid}`;
  widget.title.closable = true;
  return widget;
}
