import { ServerConnection } from '@jupyterlab/services';
import type { IFunction } from './documents';
import { joinPath, request, send } from './request';
import type { INamedRef } from './schedules';

/** What a function's document says of the build of its image. */
export interface IBuild {
  place?: string;
  builder?: string;
  image?: string;
  started?: string | null;
  ended?: string | null;
  reason?: string;
}

/** How far a build is, with the part of its log that was asked for. */
export interface IBuildLog {
  /** `deploying`, then `ready` or `error`; empty where nothing was ever built. */
  state: string;
  /** The image, once it is ready. */
  image: string;
  bytes: Uint8Array;
}

/** The log of a build from an offset on. */
export async function readBuildLog(
  settings: ServerConnection.ISettings,
  { project, name }: INamedRef,
  tag: string,
  offset: number
): Promise<IBuildLog> {
  const answer = await send(settings, 'build/status', {
    query: { project, name, tag, logs: 'yes', offset }
  });
  return {
    state: answer.headers.get('x-mlrun-function-status') ?? '',
    image: answer.headers.get('function_image') ?? '',
    bytes: new Uint8Array(await answer.arrayBuffer())
  };
}

/** Begin to build the image of a function; whether it was ready already. */
export async function startBuild(
  settings: ServerConnection.ISettings,
  doc: IFunction
): Promise<boolean> {
  const { ready } = await request<{ ready: boolean }>(
    settings,
    'build/function',
    {
      method: 'POST',
      body: { function: doc, with_mlrun: 'no', skip_deployed: false }
    }
  );
  return ready;
}

/** End the build of a function's image. */
export async function stopBuild(
  settings: ServerConnection.ISettings,
  { project, name }: INamedRef,
  tag: string
): Promise<void> {
  await request(
    settings,
    `lab/projects/${joinPath(project)}/builds/${joinPath(name)}`,
    {
      method: 'DELETE',
      query: { tag }
    }
  );
}
