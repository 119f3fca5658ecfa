import { expect, test } from './fixture';
import { execute, newProject, seedRun } from './service';

test('projects are listed with what happens in them, and made', async ({
  page,
  request
}) => {
  const project = await newProject(request, 'listed');
  await seedRun(request, project, { state: 'error' });
  await execute(page, 'jupyter-mlrun:open-projects');
  const tab = page.locator('.jp-mlrun-objectPanel').filter({ visible: true });
  const find = tab.getByRole('searchbox', { name: 'Find a project' });
  await find.fill(project);
  const rows = tab.getByRole('table', { name: 'Projects' }).getByRole('row');
  await expect(rows).toHaveCount(2);
  await expect(rows.last()).toContainText(project);
  // the number and its shape stand in one line
  const failed = rows.last().getByRole('button', { name: '1' }).last();
  const cell = rows.last().getByRole('cell').nth(3);
  const [shape, number] = await Promise.all([
    cell.locator('svg').boundingBox(),
    failed.boundingBox()
  ]);
  expect(Math.abs(shape!.y + shape!.height / 2 - number!.y - number!.height / 2)).toBeLessThan(4);
  await page.screenshot({ path: 'test-results/projects-light.png' });
  await rows
    .last()
    .getByRole('button', { name: '1' })
    .last()
    .click();
  const panel = page.locator('#jupyter-mlrun-panel');
  await expect(panel.getByRole('combobox', { name: 'Filter' })).toHaveValue(
    'state:error'
  );

  await tab.getByRole('button', { name: 'New project…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox').fill('No Name');
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(dialog).toContainText('The project was not made');
  await page.getByRole('dialog').getByRole('button').last().click();
  await execute(page, 'jupyter-mlrun:open-cluster');
  await expect(tab.getByRole('heading', { level: 1 })).toHaveText('Cluster');
  await expect(tab).toContainText('No cluster is configured');
  await tab.getByRole('tab', { name: 'Dask clusters' }).click();
  await expect(tab).toContainText('No function keeps a cluster');
});
