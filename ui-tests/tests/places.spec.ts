import { expect, test } from './fixture';
import { execute, newProject, openPanel, seedRun } from './service';

test('what runs is in the Running panel and in the status bar', async ({
  page,
  request
}) => {
  const project = await newProject(request, 'running');
  await openPanel(page, project);
  await seedRun(request, project, {
    name: 'longrun',
    state: 'running',
    ago: 5,
    status: { progress: { value: 3, total: 8, text: null } }
  });
  const status = page.locator('.jp-mlrun-status');
  await expect(status).toContainText(/[0-9]+ running/);
  await page.sidebar.openTab('jp-running-sessions');
  const section = page.locator('#jp-running-sessions');
  await expect(section.getByText('longrun').first()).toBeVisible();
  await status.getByRole('button', { name: /running/ }).click();
  await expect(page.locator('#jupyter-mlrun-panel')).toBeVisible();
  await expect(
    page.getByRole('row', { name: /^longrun, running, 3 of 8/ })
  ).toBeVisible();
});

test('a failure out of view is told, a failure seen is no news', async ({
  page,
  request
}) => {
  const project = await newProject(request, 'notice');
  await openPanel(page, project);
  const uid = await seedRun(request, project, {
    name: 'broken',
    state: 'running',
    ago: 2
  });
  const panel = page.locator('#jupyter-mlrun-panel');
  await expect(panel.getByRole('row', { name: /^broken, running/ })).toBeVisible();
  await seedRun(request, project, {
    uid,
    name: 'broken',
    state: 'error',
    ago: 2,
    status: { error: 'ValueError: Input X contains NaN.' }
  });
  const toast = page.locator('.Toastify__toast', { hasText: 'broken failed' });
  await expect(toast).toContainText('ValueError: Input X contains NaN.', {
    timeout: 15000
  });
  await expect(toast.getByRole('button', { name: 'Log' })).toBeVisible();
  const failures = page.locator('.jp-mlrun-status').getByLabel(/failed/);
  await failures.click();
  await expect(page.locator('#jupyter-mlrun-panel').getByRole('combobox', { name: 'Filter' })).toHaveValue(
    'state:error'
  );
  await expect(failures).toBeHidden();
});

test('a lost line is said, what ran is unknown, and everything comes back', async ({
  page,
  request
}) => {
  const project = await newProject(request, 'offline');
  await seedRun(request, project, { name: 'alive', state: 'running', ago: 9 });
  let up = true;
  const cuts: (() => Promise<void>)[] = [];
  await page.routeWebSocket(/lab\/socket/, socket => {
    if (!up) {
      void socket.close();
      return;
    }
    socket.connectToServer();
    cuts.push(() => socket.close());
  });
  await page.reload();
  const panel = await openPanel(page, project);
  await expect(panel.getByRole('row', { name: /^alive, running/ })).toBeVisible();

  up = false;
  for (const cut of cuts) {
    await cut();
  }
  await expect(panel.getByText(/^Connection lost at/)).toBeVisible({
    timeout: 15000
  });
  await expect(
    panel.getByRole('row', { name: /^alive, unknown, was running/ })
  ).toBeVisible();
  await page.screenshot({ path: 'test-results/offline.png' });
  await seedRun(request, project, { name: 'meanwhile', ago: 1 });

  up = true;
  await panel.getByRole('button', { name: 'Now' }).click();
  await expect(panel.getByText(/^Connection lost at/)).toBeHidden();
  await expect(panel.getByRole('row', { name: /^alive, running/ })).toBeVisible();
  await expect(panel.getByRole('row', { name: /^meanwhile/ })).toBeVisible();
});

test('a section that cannot be read says why and tries again', async ({
  page,
  request
}) => {
  const project = await newProject(request, 'failing');
  await seedRun(request, project, { name: 'later' });
  let broken = true;
  await page.route(/\/lab\/runs\?/, route =>
    broken
      ? route.fulfill({ status: 503, json: { detail: 'the store is busy' } })
      : route.continue()
  );
  await execute(page, 'jupyter-mlrun:open-panel', { project });
  const panel = page.locator('#jupyter-mlrun-panel');
  await expect(panel.getByRole('alert')).toContainText(
    'The runs did not load: the store is busy'
  );
  broken = false;
  await panel.getByRole('button', { name: 'Try again' }).click();
  await expect(panel.getByRole('row', { name: /^later/ })).toBeVisible();
});
