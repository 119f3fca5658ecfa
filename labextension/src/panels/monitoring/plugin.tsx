import {
  ILayoutRestorer,
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import {
  ITranslator,
  nullTranslator,
  TranslationBundle
} from '@jupyterlab/translation';
import React from 'react';
import {
  deleteAlert,
  IAlert,
  listAlerts,
  resetAlert,
  saveAlert
} from '../../api/alerts';
import { reasonOf } from '../../api/request';
import type { INamedRef } from '../../api/schedules';
import { CommandIDs, NO_ARGS } from '../../commands';
import { addSection } from '../../components/addSection';
import { confirm } from '../../components/confirm';
import { glyphIcon, GlyphName } from '../../components/icons';
import { openMenu } from '../../components/menu';
import { addNamedCommand } from '../../components/namedCommand';
import { NounSection } from '../../components/nounSection';
import { addObjectTabs } from '../../components/objectTabs';
import { NounList } from '../../models/nounList';
import { DOMAIN, IMLRunPanel, IMLRunService } from '../../tokens';
import { ALERT_KEYS, alertMenu } from './menu';
import { askForAlert } from './newAlert';
import { AlertCells } from './row';
import { alertModel, AlertTab } from './tab';
import { describeAlert } from './words';

const LINE = 'project.store_alert_config(alert)';

interface IContext {
  app: JupyterFrontEnd;
  service: IMLRunService;
  trans: TranslationBundle;
}

/** The section of what is watched, and the tabs of alerts. */
export const monitoringPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlrun:monitoring',
  description: 'Alerts in the MLRun panel, and their tabs.',
  autoStart: true,
  requires: [IMLRunService, IMLRunPanel],
  optional: [ITranslator, ILayoutRestorer, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    service: IMLRunService,
    panel: IMLRunPanel,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null
  ): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const context = { app, service, trans };
    addCommands(context, palette);
    addList(context, panel);
    addObjectTabs<IAlert>({
      app,
      restorer,
      trans,
      command: CommandIDs.openAlert,
      label: trans.__('Open Alert'),
      namespace: 'jupyter-mlrun-alert',
      make: ref => alertModel(service, ref),
      view: (model, alert) => (
        <AlertTab model={model} alert={alert} commands={app.commands} />
      ),
      icon: () => glyphIcon('bell'),
      gone: trans.__('This alert is not there any more.')
    });
  }
};

function addList({ app, service, trans }: IContext, panel: IMLRunPanel): void {
  const { commands } = app;
  const list = new NounList<IAlert>(service, {
    read: listAlerts,
    events: ['alert']
  });
  const body = new NounSection<IAlert>({
    list,
    panel,
    commands,
    trans,
    label: trans.__('Alerts'),
    chips: [{ state: 'active', label: trans.__('Active') }],
    empty: {
      text: trans.__('No alerts. Have one made of events of this project:'),
      line: LINE,
      command: CommandIDs.newAlert,
      button: trans.__('New alert…')
    },
    describe: alert => describeAlert(alert, trans),
    cells: alert => (
      <AlertCells
        alert={alert}
        showProject={service.project === null}
        onReset={() => {
          const { project, name } = alert;
          void commands.execute(CommandIDs.resetAlert, { project, name });
        }}
        onMenu={event => openMenu(commands, alertMenu(alert), event)}
      />
    ),
    open: CommandIDs.openAlert,
    menu: alertMenu,
    keys: ALERT_KEYS
  });
  addSection({
    panel,
    id: 'jupyter-mlrun-monitoring',
    title: trans.__('Monitoring'),
    rank: 60,
    list,
    body,
    trans,
    attention: rows => {
      const active = rows.filter(row => row.state === 'active');
      const high = active.some(row => row.severity === 'high');
      return {
        state: high ? 'error' : 'unhealthy',
        count: active.length,
        title: trans.__('Active alerts')
      };
    }
  });
}

function addCommands(
  { app, service, trans }: IContext,
  palette: ICommandPalette | null
): void {
  const { settings } = service;
  const add = (
    ...command: [string, string, GlyphName, (ref: INamedRef) => Promise<void>]
  ) => addNamedCommand(app.commands, ...command);
  app.commands.addCommand(CommandIDs.newAlert, {
    label: trans.__('New Alert…'),
    icon: glyphIcon('bell'),
    describedBy: NO_ARGS,
    execute: async () => {
      const project = service.project ?? 'default';
      const alert = await askForAlert(trans);
      if (!alert) {
        return;
      }
      try {
        await saveAlert(settings, project, alert);
        await app.commands.execute(CommandIDs.openAlert, {
          project,
          name: alert.name
        });
      } catch (reason) {
        Notification.error(
          trans.__('%1 was not saved: %2', alert.name, reasonOf(reason)),
          { autoClose: false }
        );
      }
    }
  });
  palette?.addItem({
    command: CommandIDs.newAlert,
    category: trans.__('MLRun')
  });
  add(CommandIDs.resetAlert, trans.__('Reset'), 'rerun', ref =>
    resetAlert(settings, ref)
  );
  add(CommandIDs.deleteAlert, trans.__('Delete…'), 'trash', async ref => {
    const meant = await confirm({
      title: trans.__('Delete alert %1?', ref.name),
      body: trans.__('Nobody is told any more. Its activations stay.'),
      keep: trans.__('Keep it'),
      act: trans.__('Delete')
    });
    if (meant) {
      await deleteAlert(settings, ref);
    }
  });
}
