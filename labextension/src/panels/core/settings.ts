import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { SETTINGS_ID } from '../../tokens';

/** Loads the settings, so that their shortcuts and menus take effect. */
export const settingsPlugin: JupyterFrontEndPlugin<void> = {
  id: SETTINGS_ID,
  description: 'Settings, shortcuts and menus of MLRun.',
  autoStart: true,
  optional: [ISettingRegistry],
  activate: (_, registry: ISettingRegistry | null): void => {
    void registry?.load(SETTINGS_ID).catch(reason => {
      console.error('MLRun: the settings could not be read.', reason);
    });
  }
};
