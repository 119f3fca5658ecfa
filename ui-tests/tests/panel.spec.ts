import { makeNotebook, startCell } from './cells';
import { expect, test } from './fixture';
import {
  execute,
  listRuns,
  look,
  newProject,
  openPanel,
  seedRun
} from './service';

const ROW = '.jp-mlrun-runs-row';

test('a run of a cell appears live and ends in the panel', async ({
  page,
  request,
  tmpPath
}) => {
  const panel = await openPanel(page, await newProject(request, 'other'));
  await execute(page, 'jupyter-mlrun:open-panel', { project: null, q: '' });
  // a second try on this server finds the run of the first
  const name = `paneltrain-${Date.now().toString(36)}`;
  await makeNotebook(page, `${tmpPath}/panel.ipynb`, [
    `%%mlrun ${name} -p n=3 -o accuracy --no-wait\ntime.sleep(4)\naccuracy = n / 4`
  ]);
  await startCell(page, 1);
  const row = panel.getByRole('row', { name: new RegExp(`^${name}`) });
  await expect(row).toHaveAccessibleName(/running|pending/);
  await expect(page.locator('.jp-mlrun-status')).toContainText('running');
  await expect(row).toHaveAccessibleName(/completed, accuracy 0.7500/, {
    timeout: 30000
  });
});

test('filters, quick filters and the empty list', async ({ page, request }) => {
  const project = await newProject(request, 'filters');
  const panel = await openPanel(page, project);
  await expect(panel.getByText(`No runs in ${project} yet.`)).toBeVisible();
  await expect(panel.locator('code').first()).toHaveText(
    '%%mlrun train -o accuracy'
  );

  await seedRun(request, project, {
    name: 'good',
    results: { accuracy: 0.97 }
  });
  await seedRun(request, project, { name: 'poor', results: { accuracy: 0.6 } });
  await seedRun(request, project, {
    name: 'bad',
    state: 'error',
    status: { error: 'ValueError: Input X contains NaN.' }
  });
  const rows = panel.locator(ROW);
  await expect(rows).toHaveCount(3);
  await expect(
    panel.getByRole('row', { name: /^bad, error, ValueError/ })
  ).toBeVisible();

  const filter = panel.getByRole('combobox', { name: 'Filter' });
  await filter.fill('results.accuracy>0.9');
  await expect(rows).toHaveCount(1);
  await expect(rows.first()).toContainText('good');
  await filter.fill('colour:red');
  await expect(panel.locator('.jp-mlrun-filter-problem')).toContainText(
    'colour:red is not a filter'
  );
  await filter.fill('nothing-like-it');
  await expect(panel.getByText('No runs match.')).toBeVisible();
  await panel.getByRole('button', { name: 'Clear the filter' }).last().click();
  await expect(rows).toHaveCount(3);

  await panel.getByRole('button', { name: '1 failed' }).click();
  await expect(rows).toHaveCount(1);
  await expect(panel.getByRole('button', { name: '1 failed' })).toHaveAttribute(
    'aria-pressed',
    'true'
  );
  await panel.getByRole('button', { name: 'All', exact: true }).click();
  await expect(rows).toHaveCount(3);
});

test('on a low page quick filters go while they leave nothing out', async ({
  page,
  request
}) => {
  const project = await newProject(request, 'low');
  await seedRun(request, project);
  const panel = await openPanel(page, project);
  const filters = panel.getByRole('toolbar', { name: 'Quick filters' }).first();
  const leave = () =>
    page.evaluate(() => (document.activeElement as HTMLElement).blur());
  const { width } = page.viewportSize()!;
  await page.setViewportSize({ width, height: 360 });
  await expect(filters).toBeHidden();
  await page.setViewportSize({ width, height: 720 });
  await filters.getByRole('button', { name: '0 failed' }).click();
  await page.setViewportSize({ width, height: 360 });
  await leave();
  await expect(panel.locator(ROW)).toHaveCount(0);
  await expect(filters).toBeInViewport();
  await filters.getByRole('button', { name: 'All' }).click();
  await expect(panel.locator(ROW)).toHaveCount(1);
  await leave();
  await expect(filters).toBeHidden();
});

test('the list by keyboard: move, select, compare, leave', async ({
  page,
  request
}) => {
  const project = await newProject(request, 'keys');
  for (const name of ['one', 'two', 'three']) {
    await seedRun(request, project, { name, ago: name.length });
  }
  const panel = await openPanel(page, project);
  const grid = panel.getByRole('treegrid', { name: 'Runs' });
  await expect(grid).toHaveAttribute('aria-rowcount', '3');
  const rows = panel.locator(ROW);
  await expect(rows).toHaveCount(3);
  await rows.first().focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('End');
  await expect(rows.last()).toBeFocused();
  await page.keyboard.press('Space');
  await expect(panel.getByText('2 selected')).toBeVisible();
  await page.keyboard.press('c');
  await expect(page.getByRole('tab', { name: 'Compare 2 runs' })).toBeVisible();
  await expect(page.locator('.jp-mlrun-compare-table')).toBeVisible();
  // they have no series and no plots: the table has the whole place
  await expect(page.locator('.jp-mlrun-compare-right')).toBeHidden();
  await rows.last().focus();
  await page.keyboard.press('Escape');
  await expect(panel.getByText('2 selected')).toBeHidden();
  await page.keyboard.press('/');
  await expect(panel.getByRole('combobox', { name: 'Filter' })).toBeFocused();
});

test('a deletion waits and can be taken back', async ({ page, request }) => {
  const project = await newProject(request, 'undo');
  await seedRun(request, project, { name: 'keep' });
  const gone = await seedRun(request, project, { name: 'gone', ago: 30 });
  const panel = await openPanel(page, project);
  const row = panel.getByRole('row', { name: /^gone/ });

  await row.focus();
  await page.keyboard.press('Delete');
  const toast = page.locator('.Toastify__toast', { hasText: '1 run deleted' });
  await toast.getByRole('button', { name: 'Undo' }).click();
  await expect(row).not.toContainText('deleting');
  expect(await listRuns(request, project)).toHaveLength(2);

  await execute(page, 'jupyter-mlrun:delete-run', { project, uid: gone });
  await expect(row).toContainText('deleting');
  await expect(row).toBeHidden({ timeout: 20000 });
  expect((await listRuns(request, project)).map(({ name }) => name)).toEqual([
    'keep'
  ]);
});

test('a run that goes on is stopped from its row', async ({
  page,
  tmpPath
}) => {
  const name = `stopme-${Date.now().toString(36)}`;
  await makeNotebook(page, `${tmpPath}/stop.ipynb`, [
    `%%mlrun ${name} --no-wait\nfor i in range(600): time.sleep(0.1)`
  ]);
  await startCell(page, 1);
  await execute(page, 'jupyter-mlrun:open-panel', {
    project: null,
    q: name
  });
  const row = page.getByRole('row', { name: new RegExp(`^${name}, running`) });
  await expect(row).toBeVisible({ timeout: 30000 });
  await row.press('s');
  await expect(
    page.getByRole('row', { name: new RegExp(`^${name}, aborted`) })
  ).toBeVisible({ timeout: 30000 });
});

test('the palette, the chord and the way back', async ({ page }) => {
  await page.notebook.createNew('chord.ipynb');
  await page.notebook.enterCellEditingMode(0);
  await page.keyboard.press('Alt+m');
  await page.keyboard.press('m');
  const panel = page.locator('#jupyter-mlrun-panel');
  await expect(panel).toBeVisible();
  expect((await page.notebook.getCellTextInput(0)) ?? '').toBe('');
  await page.sidebar.close('left');
  await page.keyboard.press('Control+Shift+C');
  await page.locator('.lm-CommandPalette-input').fill('Show the MLRun panel');
  await page.keyboard.press('Enter');
  await expect(panel).toBeVisible();
  await page.keyboard.press('Alt+m');
  await page.keyboard.press('Shift+?');
  const keys = page.getByRole('dialog').filter({ hasText: 'Keys of MLRun' });
  await expect(keys).toContainText('Alt+M, R');
  await look(page, 'keys');
  await page.keyboard.press('Escape');
  await expect(keys).toBeHidden();
  await execute(page, 'launcher:create');
  await page.locator('.jp-LauncherCard', { hasText: 'Runs' }).last().click();
  await expect(page.locator('.jp-mlrun-table')).toBeVisible();
});

test('the panel in both themes', async ({ page, request }) => {
  const project = await newProject(request, 'breast-cancer');
  const day = 86400;
  await seedRun(request, project, {
    name: 'train',
    state: 'error',
    ago: 300,
    status: { error: 'ValueError: Input X contains NaN.' }
  });
  await seedRun(request, project, {
    ago: 1100,
    results: { accuracy: 0.958 }
  });
  await seedRun(request, project, {
    name: 'train',
    state: 'aborted',
    ago: 3600,
    status: { reason: 'aborted by ana' }
  });
  await seedRun(request, project, {
    name: 'train-gradient-boosting-on-all-30-features',
    ago: day,
    results: { accuracy: 0.965 }
  });
  await seedRun(request, project, {
    name: 'prepare-data',
    ago: 1.2 * day
  });
  const panel = await openPanel(page, project);
  await expect(panel.locator(ROW)).toHaveCount(5);
  await panel.locator(ROW).nth(1).hover();
  await look(page, 'panel');
});
