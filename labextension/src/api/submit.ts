import { ServerConnection } from '@jupyterlab/services';
import type { IRun, IRunRef, JsonMap } from './documents';
import { joinPath, request } from './request';

/** What a run is given by the form: the rest is as the run or the function says. */
export interface ISubmission {
  parameters: JsonMap;
  inputs: Record<string, string>;
  /** Values of secrets by name; the service keeps them in memory only. */
  secrets?: Record<string, string>;
}

/** Run again what a run ran, with other values. */
export async function submitAgain(
  settings: ServerConnection.ISettings,
  ref: IRunRef,
  submission: ISubmission
): Promise<IRun> {
  const answer = await request<{ data: IRun }>(
    settings,
    `lab/runs/${joinPath(ref.project, ref.uid)}/rerun`,
    { method: 'POST', body: submission }
  );
  return answer.data;
}

/** Run a stored function. */
export async function submitFunction(
  settings: ServerConnection.ISettings,
  target: {
    project: string;
    name: string;
    hash?: string;
    handler: string;
    returns: readonly string[];
  },
  submission: ISubmission
): Promise<IRun> {
  const { project, name, hash, handler, returns } = target;
  const { parameters, inputs, secrets } = submission;
  const version = hash ? `@${hash}` : '';
  const task = {
    metadata: { name, project },
    spec: {
      function: `${project}/${name}${version}`,
      handler,
      parameters,
      inputs,
      returns
    }
  };
  const answer = await request<{ data: IRun }>(settings, 'submit_job', {
    method: 'POST',
    body: { task, secrets }
  });
  return answer.data;
}
