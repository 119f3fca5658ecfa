import { ServerConnection } from '@jupyterlab/services';
import { followBuild, IBuildSeen } from '../buildLog';
import { settle } from './server';

const words = new TextEncoder().encode('pulling café\nready\n');

it('follows the log of a build by its bytes until it has ended', async () => {
  jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'setImmediate'] });
  const offsets: number[] = [];
  const settings = ServerConnection.makeSettings({
    baseUrl: 'http://localhost/',
    appendToken: false,
    fetch: async (input: RequestInfo | URL) => {
      const asked = new URL((input as Request).url).searchParams;
      const offset = Number(asked.get('offset'));
      offsets.push(offset);
      // a letter is cut in two at the end of the first part
      const end = offset === 0 ? 12 : words.length;
      return new Response(words.slice(offset, end), {
        headers: {
          'x-mlrun-function-status':
            offset < words.length ? 'deploying' : 'ready',
          function_image: offset < words.length ? '' : 'registry/ml:1'
        }
      });
    }
  });
  const seen: IBuildSeen[] = [];
  const stop = followBuild(
    settings,
    { project: 'p', name: 'train' },
    'latest',
    each => seen.push(each)
  );
  for (let turn = 0; turn < 4; turn += 1) {
    await settle();
    jest.advanceTimersByTime(1000);
  }
  await settle();
  stop();
  jest.useRealTimers();
  expect(offsets).toEqual([0, 12, words.length]);
  expect(seen[seen.length - 1]).toEqual({
    state: 'ready',
    image: 'registry/ml:1',
    text: 'pulling café\nready\n',
    failure: ''
  });
});
