import {
  ILabShell,
  ILayoutRestorer,
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, IMovableSectionRegistry } from '@jupyterlab/apputils';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { CommandIDs, IFilterArgs, NO_ARGS } from '../../commands';
import { glyphIcon } from '../../components/icons';
import { DOMAIN, IMLRunPanel, IMLRunService } from '../../tokens';
import { PanelHeader } from './header';
import { MLRunPanel, PANEL_ID } from './panel';
import { rememberSections } from './sections';

const RANK = 600;

const FILTER_ARGS = {
  args: {
    type: 'object' as const,
    properties: {
      q: { type: 'string', description: 'Filter to begin with' },
      project: { type: 'string', description: 'Project to show' }
    }
  }
};

/** The MLRun panel: one icon in the left sidebar, into which sections are put. */
export const sidebarPlugin: JupyterFrontEndPlugin<IMLRunPanel> = {
  id: 'jupyter-mlrun:panel',
  description: 'The MLRun panel in the left sidebar.',
  autoStart: true,
  provides: IMLRunPanel,
  requires: [IMLRunService],
  optional: [
    ITranslator,
    ILabShell,
    ILayoutRestorer,
    ICommandPalette,
    IStateDB,
    IMovableSectionRegistry
  ],
  activate: (
    app: JupyterFrontEnd,
    service: IMLRunService,
    translator: ITranslator | null,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    state: IStateDB | null,
    movable: IMovableSectionRegistry | null
  ): IMLRunPanel => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const { commands } = app;
    const panel = new MLRunPanel(translator ?? nullTranslator, owner => {
      const header = new PanelHeader({
        service,
        panel: owner,
        commands,
        trans
      });
      // by then every plugin has registered its commands
      void app.restored.then(() => header.update());
      return header;
    });
    app.shell.add(panel, 'left', { rank: RANK, type: 'MLRun' });
    restorer?.add(panel, PANEL_ID);
    movable?.registerSource(sidebarPlugin.id, trans.__('MLRun'), panel);
    void app.restored.then(rememberSections(panel.accordionPanel, state));

    let cameFrom: Element | null = null;
    commands.addCommand(CommandIDs.openPanel, {
      label: trans.__('Show the MLRun panel'),
      caption: trans.__('Runs of this server; again: back to where you were'),
      icon: glyphIcon('mlrun'),
      describedBy: FILTER_ARGS,
      execute: args => {
        const { q, project } = args as IFilterArgs;
        const inside = panel.node.contains(document.activeElement);
        if (inside && q === undefined) {
          if (cameFrom instanceof HTMLElement && cameFrom.isConnected) {
            cameFrom.focus();
          } else {
            labShell?.currentWidget?.activate();
          }
          return;
        }
        cameFrom = document.activeElement;
        panel.filter = q ?? panel.filter;
        if (project !== undefined) {
          service.project = project;
        }
        app.shell.activateById(PANEL_ID);
      }
    });
    commands.addCommand(CommandIDs.switchProject, {
      label: trans.__('Choose the project shown…'),
      describedBy: NO_ARGS,
      execute: () => {
        app.shell.activateById(PANEL_ID);
        panel.node
          .querySelector<HTMLElement>('[data-jp-mlrun-switcher]')
          ?.click();
      }
    });
    for (const command of [CommandIDs.openPanel, CommandIDs.switchProject]) {
      palette?.addItem({ command, category: trans.__('MLRun') });
    }
    return panel;
  }
};
