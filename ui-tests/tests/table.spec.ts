import { expect, test } from './fixture';
import { makeNotebook, runToEnd, startCell } from './cells';
import {
  execute,
  listRuns,
  look,
  newProject,
  openPanel,
  seedRun
} from './service';

const ROW = '.jp-mlrun-table-row';

test('sorts, filters, selects and compares', async ({ page, request }) => {
  const project = await newProject(request, 'table');
  const rates = [0.1, 0.05, 0.2];
  for (const [index, rate] of rates.entries()) {
    const series = [...Array(40).keys()].map(step => [
      step,
      0.1 + 0.5 * (1 - rate) ** step
    ]);
    await seedRun(request, project, {
      ago: 100 * (index + 1),
      parameters: { n: 60, learning_rate: rate },
      results: { accuracy: 0.94 + index / 100, log_loss: 0.1 + rate },
      status: { series: { log_loss: series } }
    });
  }
  for (let index = 0; index < 30; index += 1) {
    await seedRun(request, project, {
      name: 'evaluate',
      ago: 4000 + index * 600,
      results: { auc: 0.9 + index / 400 }
    });
  }
  await openPanel(page, project);
  await execute(page, 'jupyter-mlrun:open-runs');
  const table = page.locator('.jp-mlrun-table');
  await expect(table.locator('.jp-mlrun-foot')).toContainText('33 runs');

  await table.getByRole('button', { name: 'auc' }).click();
  await expect(table.locator(ROW).first()).toContainText('0.9725');
  await expect(
    table.getByRole('columnheader', { name: 'auc' })
  ).toHaveAttribute('aria-sort', 'descending');
  await table
    .getByRole('button', { name: 'Name' })
    .click({ modifiers: ['Shift'] });
  await expect(
    table.getByRole('columnheader', { name: 'Name' })
  ).toHaveAttribute('aria-sort', 'ascending');
  await table.getByRole('button', { name: 'Started' }).click();
  const group = table.getByRole('combobox', { name: 'Group:' });
  await group.selectOption('state');
  await expect(table.locator('.jp-mlrun-group').first()).toHaveText(
    'completed33'
  );
  await group.selectOption('none');
  const filter = table.getByRole('combobox', { name: 'Filter' });
  await filter.fill('state:completed ');
  await expect(
    table.getByRole('button', { name: 'Remove the filter state:completed' })
  ).toBeVisible();
  await filter.press('Backspace');
  await expect(filter).toHaveValue('state:completed');
  await filter.fill('train');
  await expect(table.locator(ROW)).toHaveCount(3);

  for (const index of [0, 1, 2]) {
    await table.locator(ROW).nth(index).getByRole('checkbox').click();
  }
  await expect(table.getByText('3 selected')).toBeVisible();
  await look(page, 'table');
  await table.getByRole('button', { name: 'Compare' }).click();

  const compare = page.locator('.jp-mlrun-compare');
  await expect(
    compare.getByRole('rowheader', { name: 'learning_rate' })
  ).toBeVisible();
  await expect(compare.getByText('1 differs, 1 equal hidden')).toBeVisible();
  await expect(compare.getByRole('rowheader', { name: 'n', exact: true })).toHaveCount(0);
  await expect(compare.getByText('+0.0100')).toBeVisible();
  await expect(compare.locator('.jp-mlrun-chart polyline')).toHaveCount(3);
  await compare.getByRole('button', { name: 'Only differences' }).click();
  await expect(
    compare.getByRole('rowheader', { name: 'n', exact: true })
  ).toBeVisible();
  await look(page, 'compare');
  await compare.getByRole('button', { name: 'Transpose' }).click();
  await expect(
    compare.getByRole('columnheader', { name: 'learning_rate' })
  ).toBeVisible();
  await expect(compare.getByRole('rowheader')).toHaveCount(3);
});

test('a table comes back with the page', async ({ page, request }) => {
  const project = await newProject(request, 'restore');
  await seedRun(request, project, { name: 'here' });
  await openPanel(page, project);
  await execute(page, 'jupyter-mlrun:open-runs', { q: 'here' });
  await expect(page.locator(ROW)).toHaveCount(1);
  await page.waitForTimeout(1500);
  await page.reload({ waitForIsReady: false });
  await expect(page.locator('.jp-mlrun-table')).toBeVisible({ timeout: 30000 });
  await expect(page.locator('.jp-mlrun-table').getByRole('combobox', { name: 'Filter' })).toHaveValue(
    'here'
  );
});

test('a time is chosen in the strip, labels are edited, all are deleted', async ({
  page,
  request
}) => {
  const project = await newProject(request, 'many');
  for (let index = 0; index < 4; index += 1) {
    await seedRun(request, project, { name: 'old', ago: 7000 - index });
  }
  await seedRun(request, project, { name: 'young', ago: 60 });
  await openPanel(page, project);
  await execute(page, 'jupyter-mlrun:open-runs');
  const table = page.locator('.jp-mlrun-table');
  const strip = table.getByRole('slider', { name: /^Activity: 5 runs/ });
  await strip.focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('Home');
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('Enter');
  await expect(table.locator(ROW)).toHaveCount(4);
  await expect(table.locator('.jp-mlrun-foot')).toContainText('4 of 5 runs');

  await table.locator(ROW).first().focus();
  await page.keyboard.press('F2');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Name of label 1' }).fill('team');
  await dialog.getByRole('textbox', { name: 'Value of label 1' }).fill('onco');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(table.locator(ROW).first()).toContainText('team=onco');

  await table.locator(ROW).first().focus();
  await page.keyboard.press('Control+a');
  await expect(table.getByText('4 selected')).toBeVisible();
  await page.keyboard.press('Escape');
  const asked = execute(page, 'jupyter-mlrun:delete-run', {
    matching: {
      project,
      q: 'old',
      states: [],
      notebook: null,
      before: new Date().toISOString(),
      except: [],
      count: 4
    }
  });
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await asked;
  await expect
    .poll(async () => (await listRuns(request, project)).map(run => run.name))
    .toEqual(['young']);
});

test('all that match are chosen beyond the rows that are here', async ({
  page,
  request
}) => {
  const project = await newProject(request, 'beyond');
  const seeds = [...Array(230).keys()].map(index => () =>
    seedRun(request, project, {
      name: index < 205 ? 'old' : 'other',
      ago: 9000 - index
    })
  );
  for (let at = 0; at < seeds.length; at += 20) {
    await Promise.all(seeds.slice(at, at + 20).map(seed => seed()));
  }
  await openPanel(page, project);
  await execute(page, 'jupyter-mlrun:open-runs', { q: 'old' });
  const table = page.locator('.jp-mlrun-table');
  await expect(table.locator('.jp-mlrun-foot')).toContainText('205 of 230');
  await table.locator(ROW).first().focus();
  await page.keyboard.press('Control+a');
  await expect(table.getByText('205 selected')).toBeVisible();
  // one is left out of the choice again, and labels say how many they can change
  await table.locator(ROW).first().getByRole('checkbox').click();
  await expect(table.getByText('204 selected')).toBeVisible();
  await table.locator(ROW).nth(1).focus();
  await page.keyboard.press('F2');
  await expect(
    page.locator('.Toastify__toast', { hasText: 'at most 200 runs' })
  ).toBeVisible();
  await page.keyboard.press('Delete');
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('Delete all 204 runs that match?');
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await expect
    .poll(
      async () => {
        const answer = await request.get(
          `${process.env.TARGET_URL}/mlrun/api/v1/lab/runs?project=${project}`
        );
        return (await answer.json()).total;
      },
      { timeout: 60000 }
    )
    .toBe(26);
  await expect(
    page.locator('.Toastify__toast', { hasText: '204 runs deleted' })
  ).toBeVisible();
  await expect(table.locator('.jp-mlrun-foot')).toContainText('1 of 26');
});

test('plots of the same key are drawn in one', async ({ page, tmpPath }) => {
  const name = `plots-${Date.now().toString(36)}`;
  const plot = (scale: number) => `%%mlrun ${name} -p scale=${scale}
import json
chart = {
  "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
  "data": {"values": [{"x": x, "y": x * scale} for x in range(5)]},
  "mark": "line",
  "encoding": {"x": {"field": "x", "type": "quantitative"}, "y": {"field": "y", "type": "quantitative"}},
}
context.log_artifact("curve", body=json.dumps(chart), format="vl.json")`;
  await makeNotebook(page, `${tmpPath}/plots.ipynb`, [plot(1), plot(2)]);
  const first = await runToEnd(page, 1, name);
  await startCell(page, 2);
  const found = async () => {
    const answer = await page.request.get(
      `${process.env.TARGET_URL}/mlrun/api/v1/lab/runs?project=default&q=${name}`
    );
    const { rows } = await answer.json();
    return rows.filter((row: any) => row.state === 'completed');
  };
  await expect
    .poll(async () => (await found()).length, { timeout: 60000 })
    .toBe(2);
  const runs = (await found()).map(({ project, uid }: any) => ({ project, uid }));
  expect(runs.map(({ uid }: any) => uid)).toContain(first);
  await execute(page, 'jupyter-mlrun:compare', { runs });
  const plots = page.locator('.jp-mlrun-compare-plots');
  await expect(plots).toContainText('curve, 2 runs in one plot');
  await expect(plots.locator('canvas, svg').first()).toBeVisible();
  await page.screenshot({ path: 'test-results/compare-plots.png' });
});

test('a run that is dropped into a cell becomes the lines that read it', async ({
  page,
  request,
  tmpPath
}) => {
  const project = await newProject(request, 'drag');
  const uid = await seedRun(request, project, { name: 'dragged' });
  await makeNotebook(page, `${tmpPath}/drag.ipynb`, ['']);
  const panel = await openPanel(page, project);
  const row = panel.getByRole('row', { name: /^dragged/ });
  await row.dragTo(page.locator('.jp-Notebook .cm-content').last());
  await expect(page.locator('.jp-Notebook .cm-content').last()).toContainText(
    `run = get_run("${uid}", "${project}")`
  );
});
