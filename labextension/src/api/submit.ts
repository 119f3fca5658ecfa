import { ServerConnection } from '@jupyterlab/services';
import type { IFunction, IRun, IRunRef, IRunSpec, JsonMap } from './documents';
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

/** What is submitted: a run template, and a function that is stored first where one comes along. */
export interface ITask {
  task: { metadata: object; spec: IRunSpec };
  function?: IFunction;
  secrets?: Record<string, string>;
}

/** Run a task now. */
export async function submitTask(
  settings: ServerConnection.ISettings,
  body: ITask
): Promise<IRun> {
  const answer = await request<{ data: IRun }>(settings, 'submit_job', {
    method: 'POST',
    body
  });
  return answer.data;
}
