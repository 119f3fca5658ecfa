import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { APIRequestContext, Locator } from '@playwright/test';
import { expect } from './fixture';
import { execute } from './service';

const API = `${process.env.TARGET_URL}/mlrun/api/v1`;

/** The function ``fit`` of a project: how it is stored with a build, and its tab Build. */
export function fitOf(
  page: IJupyterLabPageFixture,
  request: APIRequestContext,
  project: string
) {
  const store = async (build: object) => {
    const answer = await request.post(
      `${API}/projects/${project}/functions/fit?versioned=true&tag=latest`,
      {
        data: {
          kind: 'job',
          metadata: { name: 'fit', project, tag: 'latest' },
          spec: { build: { with_mlrun: false, ...build } }
        }
      }
    );
    expect(answer.ok(), await answer.text()).toBe(true);
  };
  const open = async (): Promise<Locator> => {
    await execute(page, 'jupyter-mlrun:open-function', {
      project,
      name: 'fit'
    });
    const tab = page.locator('.jp-mlrun-objectPanel').filter({ visible: true });
    await tab.getByRole('tab', { name: 'Build' }).click();
    return tab;
  };
  return { store, open };
}
