import { RenderMimeRegistry } from '@jupyterlab/rendermime';
import React, { act } from 'react';
import { mounted } from '../../__tests__/mounted';
import { makeService, pause } from '../../__tests__/models/answers';
import type { IArtifact } from '../../api/documents';
import { ArtifactPreview } from '../artifactPreview';

const page = mounted();
const PLOTLY = 'application/vnd.plotly.v1+json';
const PAGE = '<p>drawn by the page itself</p><script>1</script>';

const figure: IArtifact = {
  kind: 'plotly',
  metadata: { key: 'curve', project: 'p', iter: 0, uid: 'a1' },
  spec: { format: 'html', target_path: '/x/curve.html', size: PAGE.length },
  status: { preview_mime: { [PLOTLY]: { data: [] } } }
};

async function draw(artifact: IArtifact) {
  const { service, asked } = makeService(() => PAGE);
  await page.draw(
    <ArtifactPreview
      artifact={artifact}
      rendermime={new RenderMimeRegistry()}
      settings={service.settings}
    />
  );
  await act(() => pause(50));
  return asked;
}

it('shows a figure without a renderer as its page, which reaches nothing', async () => {
  await draw(figure);
  const frame = page.host.querySelector('iframe')!;
  expect(frame.getAttribute('sandbox')).toBe('allow-scripts');
  expect(frame.hasAttribute('src')).toBe(false);
  expect(frame.srcdoc).toContain('drawn by the page itself');
  expect(frame.title).toBe('curve');
});

it('says which renderer is missing where there is no page', async () => {
  const asked = await draw({
    ...figure,
    spec: { ...figure.spec, format: 'json' }
  });
  expect(page.host.querySelector('iframe')).toBeNull();
  expect(page.host.textContent).toContain(`No renderer for ${PLOTLY}`);
  expect(asked.filter(({ path }) => path.includes('a1'))).toEqual([]);
});
