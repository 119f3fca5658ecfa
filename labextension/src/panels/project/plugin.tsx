import {
  ILayoutRestorer,
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import React from 'react';
import { IProject, readProject } from '../../api/projects';
import { CommandIDs } from '../../commands';
import { glyphIcon } from '../../components/icons';
import { addObjectTabs } from '../../components/objectTabs';
import { ObjectModel } from '../../models/objectModel';
import { DOMAIN, IMLRunService } from '../../tokens';
import { ProjectTab } from './tab';

/** The tabs of projects: overview, settings, members, names of secrets. */
export const projectPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlrun:project',
  description: 'Tabs of projects: overview, settings, members, secret names.',
  autoStart: true,
  requires: [IMLRunService],
  optional: [ITranslator, ILayoutRestorer],
  activate: (
    app: JupyterFrontEnd,
    service: IMLRunService,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null
  ): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
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
