import {
  ILayoutRestorer,
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import {
  ITranslator,
  nullTranslator,
  TranslationBundle
} from '@jupyterlab/translation';
import React from 'react';
import { reasonOf } from '../../api/request';
import { readRun } from '../../api/runs';
import {
  changeSchedule,
  deleteSchedule,
  INamedRef,
  invokeSchedule,
  ISchedule,
  listSchedules,
  readSchedule
} from '../../api/schedules';
import { CommandIDs, RUN_ARGS, runOfArgs } from '../../commands';
import { addSection } from '../../components/addSection';
import { confirm } from '../../components/confirm';
import { glyphIcon, GlyphName } from '../../components/icons';
import { openMenu } from '../../components/menu';
import { addNamedCommand } from '../../components/namedCommand';
import { NounSection } from '../../components/nounSection';
import { addObjectTabs } from '../../components/objectTabs';
import { NounList } from '../../models/nounList';
import { ObjectModel } from '../../models/objectModel';
import { DOMAIN, IMLRunPanel, IMLRunService } from '../../tokens';
import { pauseCommand, SCHEDULE_KEYS, scheduleMenu } from './menu';
import { scheduleRun } from './newSchedule';
import { ScheduleCells } from './row';
import { ScheduleTab } from './tab';
import { describeSchedule } from './words';

const EVENTS = ['schedule', 'run'];
const SCHEDULE_LABEL = 'mlrun/schedule-name';
const LINE = '%mlrun schedule train "0 2 * * *"';

interface IContext {
  app: JupyterFrontEnd;
  service: IMLRunService;
  trans: TranslationBundle;
}

/** The section of what runs by itself, and the tabs of schedules. */
export const automationPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlrun:automation',
  description: 'Schedules in the MLRun panel, and their tabs.',
  autoStart: true,
  requires: [IMLRunService, IMLRunPanel],
  optional: [ITranslator, ILayoutRestorer],
  activate: (
    app: JupyterFrontEnd,
    service: IMLRunService,
    panel: IMLRunPanel,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null
  ): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const context = { app, service, trans };
    addCommands(context);
    addScheduleRun(context);
    addList(context, panel);
    addObjectTabs<ISchedule>({
      app,
      restorer,
      trans,
      command: CommandIDs.openSchedule,
      label: trans.__('Open Schedule'),
      namespace: 'jupyter-mlrun-schedule',
      make: ref =>
        new ObjectModel<ISchedule>(
          service,
          ref,
          readSchedule,
          EVENTS,
          run => run.labels[SCHEDULE_LABEL] === ref.name
        ),
      view: (model, schedule) => (
        <ScheduleTab
          model={model}
          schedule={schedule}
          commands={app.commands}
        />
      ),
      icon: () => glyphIcon('clock'),
      gone: trans.__('This schedule is not there any more.')
    });
  }
};

function addList({ app, service, trans }: IContext, panel: IMLRunPanel): void {
  const { commands } = app;
  const list = new NounList<ISchedule>(service, {
    read: listSchedules,
    events: ['schedule']
  });
  const run = (command: string, { project, name }: ISchedule) =>
    void commands.execute(command, { project, name });
  const body = new NounSection<ISchedule>({
    list,
    panel,
    commands,
    trans,
    label: trans.__('Schedules'),
    chips: [
      { state: 'active', label: trans.__('Active') },
      { state: 'paused', label: trans.__('Paused') }
    ],
    empty: {
      text: trans.__('Nothing is scheduled. Run a function every night:'),
      line: LINE
    },
    describe: schedule => describeSchedule(schedule, Date.now(), trans),
    cells: schedule => (
      <ScheduleCells
        schedule={schedule}
        showProject={service.project === null}
        onRun={() => run(CommandIDs.runSchedule, schedule)}
        onPause={() => run(pauseCommand(schedule), schedule)}
        onMenu={event => openMenu(commands, scheduleMenu(schedule), event)}
      />
    ),
    open: CommandIDs.openSchedule,
    menu: scheduleMenu,
    keys: SCHEDULE_KEYS
  });
  addSection({
    panel,
    id: 'jupyter-mlrun-automation',
    title: trans.__('Automation'),
    rank: 40,
    list,
    body,
    trans,
    attention: rows => ({
      state: 'unhealthy',
      count: rows.filter(row => row.status.error).length,
      title: trans.__('Schedules whose last run did not start')
    })
  });
}

/** Commands about one schedule: each says why it was refused. */
function addCommands(context: IContext): void {
  const { app, service, trans } = context;
  const { settings } = service;
  const add = (
    ...command: [string, string, GlyphName, (ref: INamedRef) => Promise<void>]
  ) => addNamedCommand(app.commands, ...command);
  add(CommandIDs.runSchedule, trans.__('Run Now'), 'play', async ref => {
    const run = await invokeSchedule(settings, ref);
    const { project, uid = '' } = run.metadata;
    Notification.info(trans.__('%1 runs now.', ref.name), {
      autoClose: 5000,
      actions: [
        {
          label: trans.__('Open'),
          callback: () =>
            void app.commands.execute(CommandIDs.openRun, { project, uid })
        }
      ]
    });
  });
  add(CommandIDs.pauseSchedule, trans.__('Pause'), 'pause', ref =>
    changeSchedule(settings, ref, { desired_state: 'paused' })
  );
  add(CommandIDs.resumeSchedule, trans.__('Resume'), 'clock', ref =>
    changeSchedule(settings, ref, { desired_state: 'active' })
  );
  add(CommandIDs.deleteSchedule, trans.__('Delete…'), 'trash', async ref => {
    const meant = await confirm({
      title: trans.__('Delete schedule %1?', ref.name),
      body: trans.__('Nothing runs by it any more. Its runs stay.'),
      keep: trans.__('Keep it'),
      act: trans.__('Delete')
    });
    if (meant) {
      await deleteSchedule(settings, ref);
    }
  });
}

function addScheduleRun({ app, service, trans }: IContext): void {
  app.commands.addCommand(CommandIDs.scheduleRun, {
    label: trans.__('Schedule…'),
    icon: glyphIcon('clock'),
    describedBy: RUN_ARGS,
    isEnabled: args => runOfArgs(args) !== null,
    execute: async args => {
      const ref = runOfArgs(args);
      if (!ref) {
        return;
      }
      try {
        const run = await readRun(service.settings, ref);
        const made = await scheduleRun(run, service, trans);
        if (made) {
          await app.commands.execute(CommandIDs.openSchedule, { ...made });
        }
      } catch (reason) {
        Notification.error(
          trans.__('Nothing was scheduled: %1', reasonOf(reason)),
          { autoClose: false }
        );
      }
    }
  });
}
