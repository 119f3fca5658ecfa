import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { servicePlugin } from './panels/core/plugin';

const plugins: JupyterFrontEndPlugin<unknown>[] = [servicePlugin];

export default plugins;
