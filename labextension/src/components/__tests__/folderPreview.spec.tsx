import { RenderMimeRegistry } from '@jupyterlab/rendermime';
import React, { act } from 'react';
import { mounted } from '../../__tests__/mounted';
import { makeService, pause } from '../../__tests__/models/answers';
import { FolderPreview } from '../folderPreview';

const page = mounted();

it('opens what is shown, however often and early it is asked for', async () => {
  const { service, asked } = makeService(async ({ path }) => {
    const inside = path.endsWith('/a');
    await pause(inside ? 30 : 0);
    return { entries: [{ name: inside ? 'b' : 'a', folder: true }] };
  });
  await page.draw(
    <FolderPreview
      artifact={{
        kind: 'dir',
        metadata: { key: 'place', project: 'p', iter: 0, uid: 'a1' },
        spec: {},
        status: {}
      }}
      rendermime={new RenderMimeRegistry()}
      settings={service.settings}
    />
  );
  const click = () => page.host.querySelector('button')!.click();
  await act(() => pause(10));
  await act(async () => click());
  await act(async () => click());
  await act(() => pause(60));
  const paths = asked
    .filter(({ path }) => path.includes('a1'))
    .map(({ path }) => path.split('bytes')[1]);
  expect(paths).toEqual(['', '/a']);
  expect(page.host.textContent).toContain('b/');
});
