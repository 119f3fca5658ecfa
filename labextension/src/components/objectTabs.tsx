import type { ILayoutRestorer, JupyterFrontEnd } from '@jupyterlab/application';
import { MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import React from 'react';
import type { INamedRef } from '../api/schedules';
import { IArgsSchema, NAMED_ARGS, namedOfArgs } from '../commands';
import type { ObjectModel } from '../models/objectModel';
import { Boundary } from './boundary';
import { Skeleton } from './empty';
import { Note } from './note';
import { TranslationProvider } from './translation';

/** How the tabs of a noun are made. */
export interface IObjectTabs<T, M extends ObjectModel<T> = ObjectModel<T>> {
  app: JupyterFrontEnd;
  restorer: ILayoutRestorer | null;
  trans: TranslationBundle;
  command: string;
  label: string;
  namespace: string;
  make: (ref: INamedRef) => M;
  view: (model: M, value: T) => React.ReactNode;
  /** What else a command's arguments ask of a tab that it opens. */
  opened?: (model: M, args: Readonly<Record<string, unknown>>) => void;
  /** Arguments, beside project, name and section, by which a tab comes back. */
  kept?: (model: M) => Record<string, string>;
  /** The object that arguments name; its name and project, unless told. */
  refOf?: (args: Readonly<Record<string, unknown>>) => INamedRef | null;
  describedBy?: IArgsSchema;
  /** The tab's icon, which may tell the state. */
  icon: (value: T | undefined) => LabIcon;
  gone: string;
}

class ObjectWidget<T, M extends ObjectModel<T>> extends ReactWidget {
  constructor(
    readonly model: M,
    private _tabs: IObjectTabs<T, M>
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
export function addObjectTabs<T, M extends ObjectModel<T> = ObjectModel<T>>(
  tabs: IObjectTabs<T, M>
): void {
  const { app, command, namespace, refOf = namedOfArgs } = tabs;
  const tracker = new WidgetTracker<MainAreaWidget<ObjectWidget<T, M>>>({
    namespace
  });
  app.commands.addCommand(command, {
    label: tabs.label,
    icon: tabs.icon(undefined),
    describedBy: tabs.describedBy ?? NAMED_ARGS,
    isEnabled: args => refOf(args) !== null,
    execute: args => {
      const ref = refOf(args);
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
      tabs.opened?.(widget.content.model, args);
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
      ...tabs.kept?.(widget.content.model),
      ...widget.content.model.ref,
      section: widget.content.model.section
    }),
    name: widget => widget.id
  });
}

function makeTab<T, M extends ObjectModel<T>>(
  tabs: IObjectTabs<T, M>,
  ref: INamedRef,
  id: string
): MainAreaWidget<ObjectWidget<T, M>> {
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
