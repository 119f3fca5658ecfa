import type { ILayoutRestorer, JupyterFrontEnd } from '@jupyterlab/application';
import { MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import React from 'react';
import { NO_ARGS } from '../commands';
import { Boundary } from './boundary';
import { glyphIcon, GlyphName } from './icons';
import { TranslationProvider } from './translation';

/** A tab of which there is one. */
export interface IPageTab {
  app: JupyterFrontEnd;
  restorer: ILayoutRestorer | null;
  trans: TranslationBundle;
  command: string;
  label: string;
  title: string;
  icon: GlyphName;
  /** Its id in the layout. */
  id: string;
  view: (isVisible: () => boolean) => React.ReactNode;
}

class PageWidget extends ReactWidget {
  constructor(private _tab: IPageTab) {
    super();
    this.addClass('jp-mlrun-objectPanel');
  }

  protected render() {
    return (
      <TranslationProvider value={this._tab.trans}>
        <Boundary>{this._tab.view(this._isSeen)}</Boundary>
      </TranslationProvider>
    );
  }

  private _isSeen = () => this.isVisible;
}

/** A command that opens a tab of which there is one; it comes back with the page. */
export function addPageTab(tab: IPageTab): void {
  const { app, command, id } = tab;
  const tracker = new WidgetTracker<MainAreaWidget<PageWidget>>({
    namespace: id
  });
  app.commands.addCommand(command, {
    label: tab.label,
    icon: glyphIcon(tab.icon),
    describedBy: NO_ARGS,
    execute: () => {
      let widget = tracker.currentWidget;
      if (!widget) {
        widget = new MainAreaWidget({ content: new PageWidget(tab) });
        widget.id = id;
        widget.title.label = tab.title;
        widget.title.icon = glyphIcon(tab.icon);
        widget.title.closable = true;
        widget.toolbar.hide();
        void tracker.add(widget);
      }
      if (!widget.isAttached) {
        app.shell.add(widget, 'main', { type: 'MLRun' });
      }
      app.shell.activateById(id);
    }
  });
  void tab.restorer?.restore(tracker, { command, name: () => id });
}
