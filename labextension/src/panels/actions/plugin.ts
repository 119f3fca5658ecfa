import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import {
  Clipboard,
  Dialog,
  ICommandPalette,
  Notification,
  showDialog
} from '@jupyterlab/apputils';
import {
  ITranslator,
  nullTranslator,
  TranslationBundle
} from '@jupyterlab/translation';
import type { IRunRef } from '../../api/documents';
import { isLive } from '../../api/documents';
import { reasonOf } from '../../api/request';
import { listMatching, rerun, stopRun } from '../../api/runs';
import {
  CommandIDs,
  matchingOfArgs,
  NO_ARGS,
  RUN_ARGS,
  RUNS_ARGS,
  runOfArgs,
  runsOfArgs
} from '../../commands';
import { glyphIcon } from '../../components/icons';
import { secondsOf } from '../../components/runWords';
import { formatCount } from '../../format';
import { Deletions, IDeletionEnd, UNDO_MS } from '../../models/deletions';
import { DOMAIN, IMLRunDeletions, IMLRunService } from '../../tokens';
import { editLabels } from './labels';
import { changeAll } from './matching';

const MANY = 20;
const MOST_LABELED = 200;
const LONG_SECONDS = 600;

/** What the actions on runs work with. */
interface IContext {
  app: JupyterFrontEnd;
  service: IMLRunService;
  deletions: Deletions;
  trans: TranslationBundle;
}

/** The actions on runs: stop, rerun, delete with undo, copy the id. */
export const actionsPlugin: JupyterFrontEndPlugin<IMLRunDeletions> = {
  id: 'jupyter-mlrun:actions',
  description: 'Commands that act on runs: stop, rerun, delete with undo.',
  autoStart: true,
  provides: IMLRunDeletions,
  requires: [IMLRunService],
  optional: [ITranslator, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    service: IMLRunService,
    translator: ITranslator | null,
    palette: ICommandPalette | null
  ): IMLRunDeletions => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const deletions = new Deletions(service);
    const context: IContext = { app, service, deletions, trans };
    addStop(context);
    addRerun(context);
    addDelete(context);
    addLabels(context);
    addCopyId(context);
    app.commands.addCommand(CommandIDs.refresh, {
      label: trans.__('Read the runs again'),
      describedBy: NO_ARGS,
      execute: () => {
        service.readAgain();
      }
    });
    palette?.addItem({
      command: CommandIDs.refresh,
      category: trans.__('MLRun')
    });
    return deletions;
  }
};

function addStop({ app, service, trans }: IContext): void {
  app.commands.addCommand(CommandIDs.stopRun, {
    label: trans.__('Stop'),
    icon: glyphIcon('stop'),
    describedBy: RUNS_ARGS,
    isEnabled: args => args.uid === undefined || runsOfArgs(args).length > 0,
    execute: async args => {
      const matching = matchingOfArgs(args);
      if (matching) {
        await changeAll('abort', matching, service, trans);
        return;
      }
      const runs = runsOfArgs(args);
      if (!(await confirmStop(runs, service, trans))) {
        return;
      }
      await Promise.all(runs.map(run => stopOne(run, service, trans)));
    }
  });
}

async function confirmStop(
  runs: readonly IRunRef[],
  service: IMLRunService,
  trans: TranslationBundle
): Promise<boolean> {
  const now = Date.now();
  const long = runs.some(run => {
    const row = service.row(run.project, run.uid);
    return row && (secondsOf(row, now) ?? 0) > LONG_SECONDS;
  });
  if (!long) {
    return true;
  }
  const answer = await showDialog({
    title: trans._n('Stop this run?', 'Stop %1 runs?', runs.length),
    body: trans.__(
      'It has run for more than 10 minutes. Results, artifacts and the log so far stay.'
    ),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Let it run') }),
      Dialog.warnButton({ label: trans.__('Stop') })
    ],
    defaultButton: 0
  });
  return answer.button.accept;
}

async function stopOne(
  run: IRunRef,
  service: IMLRunService,
  trans: TranslationBundle
): Promise<void> {
  const row = service.row(run.project, run.uid);
  const show = (state: string) => {
    if (row) {
      service.suppose({ ...row, state });
    }
  };
  show('aborting');
  try {
    await stopRun(service.settings, run);
  } catch (reason) {
    show(row?.state ?? '');
    Notification.error(
      trans.__('The run was not stopped: %1', reasonOf(reason)),
      { autoClose: false }
    );
  }
}

function addRerun({ app, service, trans }: IContext): void {
  app.commands.addCommand(CommandIDs.rerun, {
    label: trans.__('Rerun'),
    icon: glyphIcon('rerun'),
    describedBy: RUN_ARGS,
    execute: async args => {
      const run = runOfArgs(args);
      if (!run) {
        return null;
      }
      try {
        return await rerun(service.settings, run);
      } catch (reason) {
        Notification.error(
          trans.__('The run did not start: %1', reasonOf(reason)),
          { autoClose: false }
        );
        return null;
      }
    }
  });
}

function addDelete(context: IContext): void {
  const { app, deletions, service, trans } = context;
  deletions.ended.connect((_, end) => reportDeletion(end, trans));
  app.commands.addCommand(CommandIDs.deleteRun, {
    label: trans.__('Delete…'),
    icon: glyphIcon('trash'),
    describedBy: RUNS_ARGS,
    execute: async args => {
      const matching = matchingOfArgs(args);
      if (matching) {
        await changeAll('delete', matching, service, trans);
        return;
      }
      const runs = runsOfArgs(args);
      if (runs.length && (await canDelete(runs, context))) {
        announceDeletion(runs, deletions, trans);
      }
    }
  });
}

async function canDelete(
  runs: readonly IRunRef[],
  { service, trans }: IContext
): Promise<boolean> {
  const live = runs.filter(run =>
    isLive(service.row(run.project, run.uid)?.state ?? 'completed')
  );
  if (live.length) {
    Notification.warning(
      trans._n(
        'Not deleted: the run is still running. Stop it first.',
        'Not deleted: %1 runs are still running. Stop them first.',
        live.length
      ),
      {
        autoClose: 8000,
        actions: [
          {
            label: trans.__('Stop'),
            callback: () => {
              live.forEach(run => void stopOne(run, service, trans));
            }
          }
        ]
      }
    );
    return false;
  }
  if (runs.length <= MANY) {
    return true;
  }
  const answer = await showDialog({
    title: trans.__('Delete %1 runs?', runs.length),
    body: trans.__('Their logs are lost. Artifacts stay.'),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Keep them') }),
      Dialog.warnButton({ label: trans.__('Delete') })
    ],
    defaultButton: 0
  });
  return answer.button.accept;
}

function announceDeletion(
  runs: readonly IRunRef[],
  deletions: Deletions,
  trans: TranslationBundle
): void {
  const deletion = deletions.schedule(runs);
  const id = Notification.emit(
    trans._n(
      '1 run deleted with its log. Artifacts kept.',
      '%1 runs deleted with their logs. Artifacts kept.',
      runs.length
    ),
    'default',
    {
      autoClose: UNDO_MS,
      actions: [{ label: trans.__('Undo'), callback: () => deletion.undo() }]
    }
  );
  deletions.ended.connect(function done(_, end) {
    if (end.deletion === deletion) {
      deletions.ended.disconnect(done);
      Notification.dismiss(id);
    }
  });
}

function reportDeletion(end: IDeletionEnd, trans: TranslationBundle): void {
  if (end.refused.length) {
    Notification.error(
      trans._n(
        'The run was not deleted: %2',
        '%1 runs were not deleted: %2',
        end.refused.length,
        reasonOf(end.refused[0].reason)
      ),
      { autoClose: false }
    );
  }
}

function addLabels({ app, service, trans }: IContext): void {
  app.commands.addCommand(CommandIDs.editLabels, {
    label: trans.__('Labels…'),
    icon: glyphIcon('tag'),
    describedBy: RUNS_ARGS,
    execute: async args => {
      const matching = matchingOfArgs(args);
      const count = matching ? matching.count - matching.except.length : 0;
      if (count > MOST_LABELED) {
        Notification.warning(
          trans.__(
            'Labels are changed of at most %1 runs at once, and %2 are selected. Narrow the filter.',
            MOST_LABELED,
            formatCount(count)
          ),
          { autoClose: 8000 }
        );
        return;
      }
      try {
        const runs = matching
          ? await listMatching(service.settings, matching, MOST_LABELED)
          : runsOfArgs(args);
        if (runs.length === 0) {
          return;
        }
        await editLabels(runs, service, trans);
      } catch (reason) {
        Notification.error(
          trans.__('The labels were not read: %1', reasonOf(reason)),
          { autoClose: false }
        );
      }
    }
  });
}

function addCopyId({ app, trans }: IContext): void {
  app.commands.addCommand(CommandIDs.copyRunId, {
    label: trans.__('Copy the run id'),
    icon: glyphIcon('copy'),
    describedBy: RUN_ARGS,
    execute: args => {
      const run = runOfArgs(args);
      if (run) {
        Clipboard.copyToSystem(run.uid);
      }
    }
  });
}
