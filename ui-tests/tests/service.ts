import { expect } from '@jupyterlab/galata';
import type { APIRequestContext, Locator, Page } from '@playwright/test';

const API = `${process.env.TARGET_URL}/mlrun/api/v1`;

/** What a test says of a run that it puts into the store. */
export interface ISeed {
  /** A run that is there already, to say more of it. */
  uid?: string;
  name?: string;
  state?: string;
  /** Seconds since its start. */
  ago?: number;
  seconds?: number;
  parameters?: Record<string, unknown>;
  results?: Record<string, unknown>;
  status?: Record<string, unknown>;
  /** What else it was asked to do. */
  spec?: Record<string, unknown>;
  labels?: Record<string, string>;
}

let count = 0;

/** Make a project of a name of its own and give the name. */
export async function newProject(
  request: APIRequestContext,
  name: string
): Promise<string> {
  const project = `${name}-${Date.now().toString(36)}`;
  const answer = await request.post(`${API}/projects`, {
    data: { metadata: { name: project }, spec: {} }
  });
  if (!answer.ok()) {
    throw new Error(`No project: ${answer.status()} ${await answer.text()}`);
  }
  return project;
}

/** Put a run into the store, as a run that reports itself would. */
export async function seedRun(
  request: APIRequestContext,
  project: string,
  seed: ISeed = {}
): Promise<string> {
  count += 1;
  const uid =
    seed.uid ?? `${Date.now().toString(16)}${count.toString(16).padStart(6, '0')}`;
  const { state = 'completed', ago = 60, seconds = 3 } = seed;
  const start = Date.now() - ago * 1000;
  const status: Record<string, unknown> = {
    state,
    start_time: new Date(start).toISOString(),
    last_update: new Date(start + seconds * 1000).toISOString(),
    results: seed.results ?? {},
    ...seed.status
  };
  if (['completed', 'error', 'aborted'].includes(state)) {
    status.end_time = new Date(start + seconds * 1000).toISOString();
  }
  const answer = await request.post(`${API}/run/${project}/${uid}?iter=0`, {
    data: {
      metadata: {
        name: seed.name ?? 'train',
        uid,
        project,
        iteration: 0,
        labels: seed.labels ?? { kind: 'local', owner: 'ana' }
      },
      spec: { parameters: seed.parameters ?? {}, ...seed.spec },
      status
    }
  });
  if (!answer.ok()) {
    throw new Error(`No run: ${answer.status()} ${await answer.text()}`);
  }
  return uid;
}

/** The names of the runs that the service lists in a project. */
export async function listRuns(
  request: APIRequestContext,
  project: string
): Promise<{ uid: string; name: string; state: string }[]> {
  const answer = await request.get(
    `${API}/lab/runs?project=${project}&limit=200`
  );
  return (await answer.json()).rows;
}

/** Run a command of the lab. */
export async function execute(
  page: Page,
  id: string,
  args: object = {}
): Promise<void> {
  await page.evaluate(
    async ([id, args]) => {
      const app = (window as any).jupyterapp;
      await app.commands.execute(id, args);
    },
    [id, args] as const
  );
}

/** Open the panel on a project. */
export async function openPanel(page: Page, project: string): Promise<Locator> {
  await execute(page, 'jupyter-mlrun:open-panel', { project, q: '' });
  const panel = page.locator('#jupyter-mlrun-panel');
  await panel.locator('.jp-mlrun-dot.jp-mod-connected').waitFor();
  return panel;
}

/** Choose a theme. */
export async function useTheme(
  page: Page,
  theme: 'light' | 'dark' | 'high contrast'
): Promise<void> {
  const name = {
    light: 'JupyterLab Light',
    dark: 'JupyterLab Dark',
    'high contrast': 'JupyterLab Dark High Contrast'
  }[theme];
  await execute(page, 'apputils:change-theme', { theme: name });
  await page.waitForFunction(
    name => document.body.dataset.jpThemeName === name,
    name
  );
  // Lab covers the page while it changes
  await page.locator('#jupyterlab-splash').waitFor({ state: 'detached' });
  // two frames: one in which the colours are asked for, one in which they are there
  await page.evaluate(
    () =>
      new Promise(done =>
        requestAnimationFrame(() => requestAnimationFrame(done))
      )
  );
}

/** Take pictures of what is in front in both themes; the light one stays. */
export async function look(page: Page, name: string): Promise<void> {
  for (const theme of ['dark', 'light'] as const) {
    await useTheme(page, theme);
    await page.screenshot({ path: `test-results/${name}-${theme}.png` });
  }
}

/** Open a section of the panel. */
export async function openSection(
  panel: Locator,
  title: string
): Promise<void> {
  await panel.locator('.lm-AccordionPanel-title', { hasText: title }).click();
}

/** A part of the page that is not wider than its place: nobody has to scroll sideways. */
export async function expectNoOverflow(part: Locator): Promise<void> {
  const [inner, outer] = await part.evaluate(node => [
    node.scrollWidth,
    node.clientWidth
  ]);
  expect(inner, 'the width of what is shown').toBeLessThanOrEqual(outer + 1);
}
