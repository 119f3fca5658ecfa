import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { IRunRow } from '../../api/documents';
import { CommandIDs, runInFront } from '../../commands';
import { DOMAIN, IMLRunService } from '../../tokens';
import { NotebookBadges } from './badges';
import { MAKE_RUN, addCellCommands } from './commands';
import { CellRuns } from './model';

const ID = 'jupyter-mlrun:cell';

/** Ties cells and runs together: badges, the cell's menu, the way to a run's cell. */
export const cellPlugin: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'The last run of each cell, and the way from a run to its cell.',
  autoStart: true,
  requires: [IMLRunService, INotebookTracker],
  optional: [ITranslator, ICommandPalette, ISettingRegistry],
  activate: (
    app: JupyterFrontEnd,
    service: IMLRunService,
    notebooks: INotebookTracker,
    translator: ITranslator | null,
    palette: ICommandPalette | null,
    settings: ISettingRegistry | null
  ): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const badges = new Map<NotebookPanel, NotebookBadges>();
    const open = (row: IRunRow) => {
      void app.commands.execute(CommandIDs.openRun, {
        project: row.project,
        uid: row.uid
      });
    };
    notebooks.widgetAdded.connect((_, panel) => {
      const runs = new CellRuns(service, panel);
      badges.set(panel, new NotebookBadges(runs, panel, trans, open));
      panel.disposed.connect(() => badges.delete(panel));
    });
    const lastRun = () => {
      const inFront = runInFront(app.shell);
      if (inFront) {
        return service.row(inFront.project, inFront.uid);
      }
      const panel = notebooks.currentWidget;
      const cell = notebooks.activeCell;
      return panel && cell
        ? badges.get(panel)?.runs.get(cell.model.id)
        : undefined;
    };
    addCellCommands({
      service,
      notebooks,
      commands: app.commands,
      trans,
      lastRun,
      activate: id => app.shell.activateById(id)
    });
    for (const command of [
      MAKE_RUN,
      CommandIDs.lastRunOfCell,
      CommandIDs.logOfCell,
      CommandIDs.goToFailingLine,
      CommandIDs.rerunCell,
      CommandIDs.stopRunOfCell
    ]) {
      palette?.addItem({ command, category: trans.__('MLRun') });
    }
    void settings?.load(ID);
  }
};

export default cellPlugin;
