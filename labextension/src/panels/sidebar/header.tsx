import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import React from 'react';
import { IconButton } from '../../components/button';
import { useNow } from '../../components/clock';
import { FilterBar } from '../../components/filterBar';
import { MenuEntry, openMenu } from '../../components/menu';
import { Note } from '../../components/note';
import { TranslationProvider, useTrans } from '../../components/translation';
import { CommandIDs } from '../../commands';
import { FILTER_WORDS, filterProblem, parseFilter } from '../../models/filter';
import type { IMLRunPanel, IMLRunService } from '../../tokens';
import { ProjectSwitcher } from './switcher';

/** What the panel's header works on. */
export interface IHeaderOptions {
  service: IMLRunService;
  panel: IMLRunPanel;
  commands: CommandRegistry;
  trans: TranslationBundle;
}

const MORE: readonly MenuEntry[] = [
  { command: CommandIDs.openRuns },
  { command: CommandIDs.openProjects },
  { command: CommandIDs.openCluster },
  { command: CommandIDs.refresh },
  { command: CommandIDs.showKeys },
  'separator',
  { command: 'settingeditor:open', args: { query: 'MLRun' } }
];

/** Connection, project, and the filter of the whole panel. */
export class PanelHeader extends ReactWidget {
  constructor(private _options: IHeaderOptions) {
    super();
    this.addClass('jp-mlrun-panel-header');
  }

  protected render() {
    const { service, panel, trans } = this._options;
    return (
      <TranslationProvider value={trans}>
        <div className="jp-mlrun-panel-bar">
          <ConnectionDot service={service} />
          <ProjectSwitcher
            service={service}
            commands={this._options.commands}
          />
          <span className="jp-mlrun-grow" />
          <NewButton {...this._options} />
          <IconButton
            icon="more"
            label={trans.__('More')}
            hasPopup
            onClick={event => openMenu(this._options.commands, MORE, event)}
          />
        </div>
        <UseSignal signal={panel.filterChanged}>
          {() => <PanelFilter panel={panel} />}
        </UseSignal>
        <UseSignal signal={service.connectionChanged}>
          {() => <OfflineNote service={service} />}
        </UseSignal>
      </TranslationProvider>
    );
  }
}

const NEW: readonly MenuEntry[] = [
  { command: CommandIDs.newProject },
  { command: CommandIDs.newAlert }
];

function NewButton({ commands, trans }: IHeaderOptions) {
  const known = NEW.filter(
    entry => entry !== 'separator' && commands.hasCommand(entry.command)
  );
  return known.length > 0 ? (
    <IconButton
      icon="plus"
      label={trans.__('New…')}
      hasPopup
      onClick={event => openMenu(commands, known, event)}
    />
  ) : null;
}

function PanelFilter({ panel }: { panel: IMLRunPanel }) {
  const trans = useTrans();
  return (
    <div className="jp-mlrun-panel-filter">
      <FilterBar
        value={panel.filter}
        placeholder={trans.__('Filter by name, state:error, label:…')}
        problem={filterProblem(parseFilter(panel.filter), trans)}
        suggestions={FILTER_WORDS}
        onChange={value => {
          panel.filter = value;
        }}
        onLeave={() => panel.widget.activate()}
      />
    </div>
  );
}

function ConnectionDot({ service }: { service: IMLRunService }) {
  const trans = useTrans();
  const words = {
    connecting: trans.__('Connecting'),
    connected: trans.__('Live: connected'),
    reconnecting: trans.__('Reconnecting'),
    offline: trans.__('Offline')
  };
  return (
    <UseSignal signal={service.connectionChanged}>
      {() => (
        <span
          className={`jp-mlrun-dot jp-mod-${service.connection}`}
          role="img"
          aria-label={words[service.connection]}
          title={words[service.connection]}
        />
      )}
    </UseSignal>
  );
}

function OfflineNote({ service }: { service: IMLRunService }) {
  const trans = useTrans();
  const now = useNow(service.lostAt !== null);
  const { lostAt, retryAt } = service;
  if (lostAt === null || now - lostAt < 2500) {
    return null;
  }
  const wait = Math.max(0, Math.ceil(((retryAt ?? now) - now) / 1000));
  return (
    <Note
      kind="offline"
      actions={[{ label: trans.__('Now'), onClick: () => service.reconnect() }]}
    >
      <b>
        {trans.__(
          'Connection lost at %1.',
          new Date(lostAt).toTimeString().slice(0, 5)
        )}
      </b>{' '}
      {trans.__(
        'Showing what was known then. Runs go on; trying again in %1 s.',
        wait
      )}
    </Note>
  );
}
