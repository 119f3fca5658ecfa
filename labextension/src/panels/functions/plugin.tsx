import {
  ILayoutRestorer,
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import {
  ITranslator,
  nullTranslator,
  TranslationBundle
} from '@jupyterlab/translation';
import React from 'react';
import { deleteFunction } from '../../api/functions';
import { CommandIDs, NAMED_ARGS, namedOfArgs } from '../../commands';
import { addSection } from '../../components/addSection';
import { HighlighterProvider } from '../../components/code';
import { glyphIcon } from '../../components/icons';
import { openMenu } from '../../components/menu';
import { NounSection } from '../../components/nounSection';
import { addObjectTabs } from '../../components/objectTabs';
import { actLater } from '../../components/undo';
import {
  FunctionModel,
  IFunctionLine,
  IFunctionVersion,
  readFunctionLines
} from '../../models/function';
import { highlighterOf } from '../../models/highlight';
import { NounList } from '../../models/nounList';
import { DOMAIN, IMLRunPanel, IMLRunService } from '../../tokens';
import { FUNCTION_KEYS, functionMenu } from './menu';
import { describeFunction, FunctionCells } from './row';
import { FunctionTab } from './tab';

const LINE = '%%mlrun train --no-run';

interface IContext {
  app: JupyterFrontEnd;
  service: IMLRunService;
  list: NounList<IFunctionLine>;
  trans: TranslationBundle;
}

/** The section of functions, and their tabs. */
export const functionsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlrun:functions',
  description: 'Functions in the MLRun panel, and their tabs.',
  autoStart: true,
  requires: [IMLRunService, IMLRunPanel],
  optional: [ITranslator, ILayoutRestorer, IEditorLanguageRegistry],
  activate: (
    app: JupyterFrontEnd,
    service: IMLRunService,
    panel: IMLRunPanel,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null,
    languages: IEditorLanguageRegistry | null
  ): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const list = new NounList<IFunctionLine>(service, {
      read: readFunctionLines,
      events: ['function']
    });
    const context = { app, service, list, trans };
    const highlight = highlighterOf(languages);
    addDelete(context);
    addList(context, panel);
    addObjectTabs<IFunctionVersion[], FunctionModel>({
      app,
      restorer,
      trans,
      command: CommandIDs.openFunction,
      label: trans.__('Open Function'),
      namespace: 'jupyter-mlrun-function',
      make: ref => new FunctionModel(service, ref),
      view: (model, versions) => (
        <HighlighterProvider value={highlight}>
          <FunctionTab
            model={model}
            versions={versions}
            commands={app.commands}
          />
        </HighlighterProvider>
      ),
      icon: () => glyphIcon('function'),
      gone: trans.__('This function is not there any more.')
    });
  }
};

function addList(
  { app, service, list, trans }: IContext,
  panel: IMLRunPanel
): void {
  const { commands } = app;
  const run = ({ project, name }: IFunctionLine, more = {}) =>
    void commands.execute(CommandIDs.runForm, { project, name, ...more });
  const body = new NounSection<IFunctionLine>({
    list,
    panel,
    commands,
    trans,
    label: trans.__('Functions'),
    chips: [
      { state: 'ready', label: trans.__('Deployed') },
      { state: 'unbuilt', label: trans.__('Needs build') }
    ],
    empty: {
      text: trans.__('No functions yet. Name the code of a cell:'),
      line: LINE
    },
    describe: line => describeFunction(line, trans),
    cells: line => (
      <FunctionCells
        line={line}
        showProject={service.project === null}
        onRun={() => run(line)}
        onSchedule={() => run(line, { schedule: true })}
        onMenu={event => openMenu(commands, functionMenu(line), event)}
      />
    ),
    open: CommandIDs.openFunction,
    menu: functionMenu,
    keys: FUNCTION_KEYS
  });
  addSection({
    panel,
    id: 'jupyter-mlrun-functions',
    title: trans.__('Functions'),
    rank: 30,
    list,
    body,
    trans,
    attention: rows => ({
      state: 'error',
      count: rows.filter(({ state }) => state === 'error').length,
      title: trans.__('Functions whose build or deployment failed')
    })
  });
}

function addDelete({ app, service, list, trans }: IContext): void {
  app.commands.addCommand(CommandIDs.deleteFunction, {
    label: args =>
      args.hash ? trans.__('Delete This Version') : trans.__('Delete'),
    icon: glyphIcon('trash'),
    describedBy: NAMED_ARGS,
    isEnabled: args => namedOfArgs(args) !== null,
    execute: async args => {
      const ref = namedOfArgs(args);
      const hash = typeof args.hash === 'string' ? args.hash : undefined;
      if (!ref) {
        return;
      }
      await actLater(
        {
          message: hash
            ? trans.__('A version of %1 is deleted. Its runs stay.', ref.name)
            : trans.__(
                '%1 is deleted with all versions. Its runs stay.',
                ref.name
              ),
          refused: trans.__('%1 was not deleted', ref.name),
          act: () => deleteFunction(service.settings, ref, hash),
          pending: pending => {
            if (!hash) {
              list.setLeaving(ref, pending);
            }
          }
        },
        trans
      );
      await list.reload();
    }
  });
}
