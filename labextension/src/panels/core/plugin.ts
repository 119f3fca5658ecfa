import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IStateDB } from '@jupyterlab/statedb';
import { MLRunService } from '../../models/service';
import { IMLRunService } from '../../tokens';

const STATE = 'jupyter-mlrun:project';

/** The page's line to the service, for all our other plugins and for anyone else's. */
export const servicePlugin: JupyterFrontEndPlugin<IMLRunService> = {
  id: 'jupyter-mlrun:service',
  description:
    'The line to the MLRun service of this server: events, known runs, current project.',
  autoStart: true,
  provides: IMLRunService,
  optional: [IStateDB],
  activate: (app: JupyterFrontEnd, state: IStateDB | null): IMLRunService => {
    const service = new MLRunService(app.serviceManager.serverSettings);
    void app.restored.then(async () => {
      const saved = await state?.fetch(STATE);
      if (typeof saved === 'string' && service.project === null) {
        service.project = saved;
      }
      service.projectChanged.connect((_, project) => {
        void (project === null
          ? state?.remove(STATE)
          : state?.save(STATE, project));
      });
      service.start();
    });
    return service;
  }
};
