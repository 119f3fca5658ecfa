import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ActiveRuns } from '../../models/activeRuns';
import { IMLRunActive, IMLRunService } from '../../tokens';

/** The runs that are not over, for the status bar, the Running panel and notices. */
export const activePlugin: JupyterFrontEndPlugin<IMLRunActive> = {
  id: 'jupyter-mlrun:active',
  description: 'The MLRun runs that are not over.',
  autoStart: true,
  provides: IMLRunActive,
  requires: [IMLRunService],
  activate: (app: JupyterFrontEnd, service: IMLRunService): IMLRunActive =>
    new ActiveRuns(service)
};
