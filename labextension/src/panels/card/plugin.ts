import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { URLExt } from '@jupyterlab/coreutils';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { DOMAIN, IMLRunService } from '../../tokens';
import { CardActions } from './actions';
import { RUN_MIME } from './bundle';
import type { CardSetting } from './model';
import { RunCard } from './widget';

const ID = 'jupyter-mlrun:card';

/** Draws runs among the outputs of cells, in JupyterLab and in Notebook 7. */
export const cardPlugin: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'The card of a run under the cell that ran.',
  autoStart: true,
  requires: [IRenderMimeRegistry, IMLRunService],
  optional: [ISettingRegistry, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    rendermime: IRenderMimeRegistry,
    service: IMLRunService,
    settings: ISettingRegistry | null,
    translator: ITranslator | null
  ): void => {
    let setting: CardSetting = 'auto';
    void settings?.load(ID).then(loaded => {
      const read = () => {
        setting = loaded.get('card').composite as CardSetting;
      };
      read();
      loaded.changed.connect(read);
    });
    const page = URLExt.join(service.settings.baseUrl, 'lab');
    const context = {
      service,
      actions: new CardActions(app.commands, page),
      trans: (translator ?? nullTranslator).load(DOMAIN),
      setting: () => setting
    };
    rendermime.addFactory(
      {
        safe: true,
        mimeTypes: [RUN_MIME],
        createRenderer: () => new RunCard(context)
      },
      0
    );
  }
};

export default cardPlugin;
