import {
  ILayoutRestorer,
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import React from 'react';
import { IProject, readProject } from '../../api/projects';
import { CommandIDs, NO_ARGS } from '../../commands';
import { glyphIcon } from '../../components/icons';
import { addObjectTabs } from '../../components/objectTabs';
import { addPageTab } from '../../components/pageTab';
import { ObjectModel } from '../../models/objectModel';
import { DOMAIN, IMLRunService } from '../../tokens';
import { ProjectsTab } from './list';
import { newProject } from './newProject';
import { ProjectTab } from './tab';

/** The tabs of projects: overview, settings, members, names of secrets. */
export const projectPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlrun:project',
  description: 'Tabs of projects: overview, settings, members, secret names.',
  autoStart: true,
  requires: [IMLRunService],
  optional: [ITranslator, ILayoutRestorer, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    service: IMLRunService,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null
  ): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    app.commands.addCommand(CommandIDs.newProject, {
      label: trans.__('New Project…'),
      icon: glyphIcon('plus'),
      describedBy: NO_ARGS,
      execute: () => newProject(service, trans)
    });
    addPageTab({
      app,
      restorer,
      trans,
      command: CommandIDs.openProjects,
      label: trans.__('Show All Projects'),
      title: trans.__('Projects'),
      icon: 'folder',
      id: 'jupyter-mlrun-projects',
      view: () => <ProjectsTab service={service} commands={app.commands} />
    });
    for (const command of [CommandIDs.newProject, CommandIDs.openProjects]) {
      palette?.addItem({ command, category: trans.__('MLRun') });
    }
    addObjectTabs<IProject>({
      app,
      restorer,
      trans,
      command: CommandIDs.openProject,
      label: trans.__('Project Settings'),
      namespace: 'jupyter-mlrun-project',
      make: ref =>
        new ObjectModel<IProject>(
          service,
          ref,
          (settings, { name }) => readProject(settings, name),
          ['project']
        ),
      view: (model, project) => (
        <ProjectTab model={model} project={project} commands={app.commands} />
      ),
      icon: () => glyphIcon('folder'),
      gone: trans.__('This project is not there any more.')
    });
  }
};
