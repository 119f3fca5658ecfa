import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { actionsPlugin } from './panels/actions/plugin';
import { artifactsPlugin } from './panels/artifacts/plugin';
import { comparePlugin } from './panels/compare/plugin';
import { automationPlugin } from './panels/automation/plugin';
import { activePlugin } from './panels/core/active';
import { keysPlugin } from './panels/core/keys';
import { servicePlugin } from './panels/core/plugin';
import { functionsPlugin } from './panels/functions/plugin';
import { clusterPlugin } from './panels/cluster/plugin';
import { settingsPlugin } from './panels/core/settings';
import { monitoringPlugin } from './panels/monitoring/plugin';
import { notifyPlugin } from './panels/notify/plugin';
import { projectPlugin } from './panels/project/plugin';
import { runningPlugin } from './panels/running/plugin';
import { runsPlugin } from './panels/runs/plugin';
import { sidebarPlugin } from './panels/sidebar/plugin';
import { statusPlugin } from './panels/status/plugin';
import { tablePlugin } from './panels/table/plugin';
import { cardPlugin } from './panels/card/plugin';
import { cellPlugin } from './panels/cell/plugin';
import { exportObjectsPlugin } from './panels/export/objectsPlugin';
import { exportPlugin } from './panels/export/plugin';
import { formPlugin } from './panels/form/plugin';
import { logPlugin } from './panels/log/plugin';
import { runPlugin } from './panels/run/plugin';

const plugins: JupyterFrontEndPlugin<unknown>[] = [
  servicePlugin,
  settingsPlugin,
  keysPlugin,
  activePlugin,
  actionsPlugin,
  sidebarPlugin,
  runsPlugin,
  artifactsPlugin,
  functionsPlugin,
  automationPlugin,
  monitoringPlugin,
  projectPlugin,
  clusterPlugin,
  tablePlugin,
  comparePlugin,
  statusPlugin,
  runningPlugin,
  notifyPlugin,
  cardPlugin,
  runPlugin,
  logPlugin,
  formPlugin,
  cellPlugin,
  exportPlugin,
  exportObjectsPlugin
];

export default plugins;
