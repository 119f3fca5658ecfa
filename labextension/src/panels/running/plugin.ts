import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IRunningSessionManagers, IRunningSessions } from '@jupyterlab/running';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { IRunRow } from '../../api/documents';
import { CommandIDs } from '../../commands';
import { glyphIcon, stateShapeIcon } from '../../components/icons';
import { durationOf, qualifierOf } from '../../components/runWords';
import { shapeOf } from '../../components/stateIcon';
import { DOMAIN, IMLRunActive } from '../../tokens';

/** The runs that are not over, in the panel of everything that runs. */
export const runningPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlrun:running',
  description: 'Active runs among the running terminals and kernels.',
  autoStart: true,
  requires: [IMLRunActive],
  optional: [IRunningSessionManagers, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    active: IMLRunActive,
    managers: IRunningSessionManagers | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const argsOf = ({ project, uid }: IRunRow) => ({ project, uid });
    const itemOf = (row: IRunRow): IRunningSessions.IRunningItem => ({
      label: () => row.name,
      labelTitle: () => `${row.project} · ${row.uid}`,
      detail: () =>
        [qualifierOf(row, false, trans), durationOf(row, Date.now())]
          .filter(Boolean)
          .join(' · '),
      icon: () => stateShapeIcon(shapeOf(row.state)),
      open: () => {
        void app.commands.execute(CommandIDs.openRun, argsOf(row));
      },
      shutdown: () => {
        void app.commands.execute(CommandIDs.stopRun, argsOf(row));
      }
    });
    managers?.add({
      name: trans.__('MLRun'),
      running: () => active.rows.map(itemOf),
      runningChanged: active.changed,
      refreshRunning: () => {
        void active.refresh();
      },
      shutdownAll: () => {
        void app.commands.execute(CommandIDs.stopRun, {
          runs: active.rows.map(argsOf)
        });
      },
      shutdownLabel: trans.__('Stop'),
      shutdownAllLabel: trans.__('Stop All'),
      shutdownAllConfirmationText: trans.__(
        'Stop all runs? Results, artifacts and logs so far stay.'
      ),
      shutdownItemIcon: glyphIcon('stop')
    });
  }
};
