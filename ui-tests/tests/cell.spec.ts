import { expect, test } from './fixture';
import {
  makeNotebook,
  openNotebook,
  runToEnd,
  saveNotebook,
  selectCell
} from './cells';
import { execute } from './service';

test('a cell shows its last run, and that it has changed since', async ({
  page,
  tmpPath
}) => {
  const many = [...Array(40).keys()].map(n => `print(${n})\n\n\n\n\n`);
  await makeNotebook(page, `${tmpPath}/cell.ipynb`, [
    '%%mlrun celltrain -o out\nout = 1',
    ...many
  ]);
  const uid = await runToEnd(page, 1, 'celltrain');
  const badge = page.locator('.jp-mlrun-badge');
  await expect(badge).toHaveCount(1);
  await expect(badge).toHaveAttribute('data-state', 'completed');
  await expect(badge).toHaveAccessibleName(
    /^Last run: celltrain, completed in/
  );

  // windowing takes cells out of the page and brings them back
  await selectCell(page, 40);
  await selectCell(page, 1);
  await expect(badge).toBeVisible();

  await page.notebook.setCell(1, 'code', '%%mlrun celltrain -o out\nout = 2');
  await expect(badge).toContainText('edited');
  await expect(page.getByText('Cell changed since this run')).toBeVisible();
  await page.screenshot({ path: 'test-results/cell-edited-light.png' });

  await badge.click();
  const tab = page.locator('.jp-mlrun-runPanel');
  await expect(tab.getByRole('heading', { level: 1 })).toHaveText('celltrain');
  await tab.getByRole('tab', { name: 'Code' }).click();
  await tab.getByRole('button', { name: 'Diff to the cell now' }).click();
  await expect(tab.locator('.jp-mlrun-diff .jp-mod-added')).toContainText(
    'out = 2'
  );

  await execute(page, 'jupyter-mlrun:go-to-cell', { project: 'default', uid });
  await expect(page.locator('.jp-Cell.jp-mod-active')).toContainText(
    '%%mlrun celltrain'
  );
  await page.keyboard.press('Escape');
  await page.keyboard.press('Alt+m');
  await page.keyboard.press('o');
  await expect(tab.getByRole('heading', { level: 1 })).toBeVisible();
});

test('the badge of another page’s run appears by itself', async ({
  page,
  tmpPath
}) => {
  await makeNotebook(page, `${tmpPath}/live.ipynb`, [
    '%%mlrun celllive\ntime.sleep(1)'
  ]);
  await runToEnd(page, 1, 'celllive');
  await saveNotebook(page);
  await page.notebook.close();
  await openNotebook(page, `${tmpPath}/live.ipynb`);
  await expect(page.locator('.jp-mlrun-badge')).toHaveAttribute(
    'data-state',
    'completed'
  );
});

test('the cell toolbar has a menu of its runs', async ({ page, tmpPath }) => {
  await makeNotebook(page, `${tmpPath}/menu.ipynb`, ['print(1)']);
  await selectCell(page, 1);
  await page
    .locator('.jp-Cell.jp-mod-active [data-command="jupyter-mlrun:cell-menu"]')
    .click();
  const menu = page.getByRole('menu');
  await expect(menu.getByText('Last Run of This Cell')).toBeVisible();
  await menu.getByText('Make a Run of This Cell').click();
  await expect(
    page.locator('.jp-Cell.jp-mod-active .cm-content')
  ).toContainText('%%mlrun menu');
});
