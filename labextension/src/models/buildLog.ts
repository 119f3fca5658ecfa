import type { ServerConnection } from '@jupyterlab/services';
import { readBuildLog } from '../api/builds';
import { reasonOf } from '../api/request';
import type { INamedRef } from '../api/schedules';

const AGAIN = 1000;
/** Characters of a log that are kept: its end says why. */
const MOST = 400_000;

/** The words by which a build says that it goes on. */
export const BUILDING = ['deploying', 'building', 'pending', 'running'];

/** How far a build is, as it is shown. */
export interface IBuildSeen {
  state: string;
  image: string;
  text: string;
  failure: string;
}

/** Follow the log of a build until it has ended or nobody looks any more; gives the way to stop. */
export function followBuild(
  settings: ServerConnection.ISettings,
  ref: INamedRef,
  tag: string,
  show: (seen: IBuildSeen) => void
): () => void {
  let current = true;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let offset = 0;
  const decoder = new TextDecoder();
  let seen: IBuildSeen = { state: '', image: '', text: '', failure: '' };
  const read = async () => {
    let again = AGAIN;
    try {
      const { state, image, bytes } = await readBuildLog(
        settings,
        ref,
        tag,
        offset
      );
      offset += bytes.length;
      const text = seen.text + decoder.decode(bytes, { stream: true });
      seen = { state, image, text: text.slice(-MOST), failure: '' };
      const more = bytes.length > 0;
      again = more ? AGAIN / 5 : BUILDING.includes(state) ? AGAIN : 0;
    } catch (reason) {
      seen = { ...seen, failure: reasonOf(reason) };
      again = BUILDING.includes(seen.state) ? 5 * AGAIN : 0;
    }
    if (current) {
      show(seen);
      timer = again ? setTimeout(() => void read(), again) : undefined;
    }
  };
  void read();
  return () => {
    current = false;
    clearTimeout(timer);
  };
}
