import {
  ILabShell,
  ILayoutRestorer,
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import React from 'react';
import { CommandIDs } from '../../commands';
import { addPageTab } from '../../components/pageTab';
import { DOMAIN, IMLRunService } from '../../tokens';
import { ClusterTab } from './tab';

/** The tab of the cluster. */
export const clusterPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlrun:cluster',
  description: 'The Kubernetes cluster of the service, and Dask clusters.',
  autoStart: true,
  requires: [IMLRunService],
  optional: [ILabShell, ITranslator, ILayoutRestorer, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    service: IMLRunService,
    shell: ILabShell | null,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null
  ): void => {
    if (!shell) {
      return; // Notebook 7 has no place for tabs
    }
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    addPageTab({
      app,
      restorer,
      trans,
      command: CommandIDs.openCluster,
      label: trans.__('Show the Cluster'),
      title: trans.__('Cluster'),
      icon: 'layers',
      id: 'jupyter-mlrun-cluster',
      view: isVisible => <ClusterTab service={service} isVisible={isVisible} />
    });
    palette?.addItem({
      command: CommandIDs.openCluster,
      category: trans.__('MLRun')
    });
  }
};
