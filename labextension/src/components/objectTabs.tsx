import type { ILayoutRestorer, JupyterFrontEnd } from '@jupyterlab/application';
import { MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import React from 'react';
import { NAMED_ARGS, namedOfArgs } from '../commands';
import type { ObjectModel } from '../models/objectModel';
import { Boundary } from './boundary';
import { Skeleton } from './empty';
import { Note } from './note';
import { TranslationProvider } from './translation';

/** How the tabs of a noun are made. */
export interface IObjectTabs<T> {
  app: JupyterFrontEnd;
  restorer: ILayoutRestorer | null;
  trans: TranslationBundle;
  command: string;
  label: string;
  namespace: string;
  make: (ref: { project: string; name: string }) => ObjectModel<T>;
  view: (model: ObjectModel<T>, value: T) => React.ReactNode;
  /** The tab's icon, which may tell the state. */
  icon: (value: T | undefined) => LabIcon;
  gone: string;
}

class ObjectWidget<T> extends ReactWidget {
  constructor(
    readonly model: ObjectModel<T>,
    private _tabs: IObjectTabs<T>
  ) {
    super();
    this.addClass('jp-mlrun-objectPanel');
  }

  dispose(): void {
    this.model.dispose();
    super.dispose();
  }

  protected render() {
    return (
      <TranslationProvider value={this._tabs.trans}>
        <Boundary>
          <UseSignal signal={this.model.changed}>
            {() => this._body()}
          </UseSignal>
        </Boundary>
      </TranslationProvider>
    );
  }

  private _body() {
    const { trans, view, gone } = this._tabs;
    const { value, failure, isGone } = this.model;
    return (
      <>
        {failure && (
          <Note
            kind="error"
            actions={[
              {
                label: trans.__('Try again'),
                onClick: () => void this.model.reload()
              }
            ]}
          >
            {isGone ? gone : failure}
          </Note>
        )}
        {value !== undefined && !isGone ? (
          view(this.model, value)
        ) : failure ? null : (
          <Skeleton rows={5} label={trans.__('It is being read')} />
        )}
      </>
    );
  }
}

/** A command that opens an object in a tab of its own, once; tabs come back with the page. */
export function addObjectTabs<T>(tabs: IObjectTabs<T>): void {
  const { app, command, namespace } = tabs;
  const tracker = new WidgetTracker<MainAreaWidget<ObjectWidget<T>>>({
    namespace
  });
  app.commands.addCommand(command, {
    label: tabs.label,
    icon: tabs.icon(undefined),
    describedBy: NAMED_ARGS,
    isEnabled: args => namedOfArgs(args) !== null,
    execute: args => {
      const ref = namedOfArgs(args);
      if (!ref) {
        return null;
      }
      const id = `${namespace}:${ref.project}/${ref.name}`;
      let widget = tracker.find(known => known.id === id);
      if (!widget) {
        widget = makeTab(tabs, ref, id);
        const made = widget;
        void tracker.add(made);
        let { section } = made.content.model;
        made.content.model.changed.connect(model => {
          if (model.section !== section) {
            section = model.section;
            void tracker.save(made);
          }
        });
      }
      if (typeof args.section === 'string') {
        widget.content.model.section = args.section;
      }
      if (!widget.isAttached) {
        const mode = args.mode === 'split-right' ? 'split-right' : 'tab-after';
        app.shell.add(widget, 'main', { mode, type: 'MLRun' });
      }
      app.shell.activateById(id);
      return widget;
    }
  });
  void tabs.restorer?.restore(tracker, {
    command,
    args: widget => ({
      ...widget.content.model.ref,
      section: widget.content.model.section
    }),
    name: widget => widget.id
  });
}

function makeTab<T>(
  tabs: IObjectTabs<T>,
  ref: { project: string; name: string },
  id: string
): MainAreaWidget<ObjectWidget<T>> {
  const model = tabs.make(ref);
  const widget = new MainAreaWidget({ content: new ObjectWidget(model, tabs) });
  widget.id = id;
  widget.title.label = ref.name;
  widget.title.caption = `${ref.project} · ${ref.name}`;
  widget.title.closable = true;
  widget.toolbar.hide();
  const draw = () => {
    widget.title.icon = tabs.icon(model.value);
  };
  model.changed.connect(draw);
  draw();
  return widget;
}
