import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import { IStatusBar } from '@jupyterlab/statusbar';
import {
  ITranslator,
  nullTranslator,
  TranslationBundle
} from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import React from 'react';
import { CommandIDs } from '../../commands';
import { Icon } from '../../components/icon';
import { StateIcon } from '../../components/stateIcon';
import { TranslationProvider } from '../../components/translation';
import { formatCount } from '../../format';
import { DOMAIN, IMLRunActive, IMLRunService, SETTINGS_ID } from '../../tokens';

const LOOKED = 'jupyter-mlrun:looked-at';

/** What runs and what failed since one last looked, in the status bar. */
export const statusPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlrun:status',
  description: 'Running and failed runs in the status bar.',
  autoStart: true,
  requires: [IMLRunService, IMLRunActive],
  optional: [IStatusBar, IStateDB, ITranslator, ISettingRegistry],
  activate: (
    app: JupyterFrontEnd,
    service: IMLRunService,
    active: IMLRunActive,
    statusBar: IStatusBar | null,
    state: IStateDB | null,
    translator: ITranslator | null,
    registry: ISettingRegistry | null
  ): void => {
    if (!statusBar) {
      return;
    }
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const open = (q: string) => {
      void app.commands.execute(CommandIDs.openPanel, { q, project: null });
    };
    const look = () => {
      active.look();
      void state?.save(LOOKED, active.lookedAt);
      open('state:error');
    };
    void state?.fetch(LOOKED).then(saved => {
      if (typeof saved === 'number') {
        active.look(saved);
      }
    });
    let wanted = true;
    void registry?.load(SETTINGS_ID).then(settings => {
      const take = () => {
        wanted = settings.get('statusBar').composite as boolean;
        active.touch();
      };
      settings.changed.connect(take);
      take();
    });
    const item = new StatusItem({
      service,
      active,
      trans,
      onRunning: () => open('state:running,pending,created,aborting'),
      onFailed: look
    });
    statusBar.registerStatusItem(statusPlugin.id, {
      item,
      align: 'left',
      rank: 50,
      isActive: () =>
        wanted &&
        (active.running > 0 ||
          active.failed > 0 ||
          service.connection === 'offline'),
      activeStateChanged: active.changed
    });
    service.connectionChanged.connect(() => active.touch());
  }
};

interface IStatusOptions {
  service: IMLRunService;
  active: IMLRunActive;
  trans: TranslationBundle;
  onRunning: () => void;
  onFailed: () => void;
}

class StatusItem extends ReactWidget {
  constructor(private _options: IStatusOptions) {
    super();
  }

  protected render() {
    const { service, active, trans } = this._options;
    return (
      <TranslationProvider value={trans}>
        <UseSignal signal={active.changed}>
          {() => (
            <div className="jp-mlrun-status">
              {service.connection === 'offline' ? (
                <span title={trans.__('MLRun: the service is not reachable')}>
                  <Icon name="offline" size={14} /> {trans.__('Reconnecting')}
                </span>
              ) : (
                <StatusCounts {...this._options} />
              )}
            </div>
          )}
        </UseSignal>
      </TranslationProvider>
    );
  }
}

function StatusCounts({ active, trans, onRunning, onFailed }: IStatusOptions) {
  const { running, failed } = active;
  return (
    <>
      {running > 0 && (
        <button
          type="button"
          title={trans.__('MLRun: show the runs that are not over')}
          onClick={onRunning}
        >
          <StateIcon state="running" size={14} still decorative />
          {trans._n('%1 running', '%1 running', running)}
        </button>
      )}
      {failed > 0 && (
        <button
          type="button"
          aria-label={trans._n('%1 failed', '%1 failed', failed)}
          title={trans.__('MLRun: show the runs that failed')}
          onClick={onFailed}
        >
          <StateIcon state="error" size={14} still decorative />
          {formatCount(failed)}
        </button>
      )}
    </>
  );
}
