import { ServerConnection } from '@jupyterlab/services';
import { joinPath, request } from './request';

/** The cluster of workers that a function keeps, such as Dask's. */
export interface IFunctionCluster {
  project: string;
  function: string;
  name: string;
  place: string;
  state: string;
  reason: string;
  scheduler_address: string;
  dashboard: string;
  workers: { name?: string }[];
  tasks: number;
  /** Seconds since 1970. */
  started_at: number | null;
}

function pathOf(project: string | null, name?: string): string {
  const place = project === null ? '*' : joinPath(project);
  const path = `lab/projects/${place}/function-clusters`;
  return name === undefined ? path : `${path}/${joinPath(name)}`;
}

/** The clusters of a project's functions, or of all projects (null). */
export async function listFunctionClusters(
  settings: ServerConnection.ISettings,
  project: string | null
): Promise<IFunctionCluster[]> {
  const answer = await request<{ clusters: IFunctionCluster[] }>(
    settings,
    pathOf(project)
  );
  return answer.clusters;
}

/** Have a cluster run so many workers. */
export async function scaleFunctionCluster(
  settings: ServerConnection.ISettings,
  { project, function: name }: IFunctionCluster,
  workers: number
): Promise<void> {
  await request(settings, pathOf(project, name), {
    method: 'PATCH',
    body: { workers }
  });
}

/** Stop a cluster. */
export async function stopFunctionCluster(
  settings: ServerConnection.ISettings,
  { project, function: name }: IFunctionCluster
): Promise<void> {
  await request(settings, pathOf(project, name), { method: 'DELETE' });
}
