import { expect, test } from './fixture';
import { makeNotebook, saveNotebook } from './cells';
import { useTheme } from './service';

const CODE = 'def add(a: int = 1, b: int = 2):\n    return a + b';

test('the toolbar exports the open document, after a preview', async ({
  page,
  tmpPath
}) => {
  await makeNotebook(page, `${tmpPath}/export.ipynb`, [CODE]);
  await page
    .locator(
      '.jp-NotebookPanel-toolbar [data-command="jupyter-mlrun:export-notebook"]'
    )
    .click();
  const dialog = page.locator('.jp-mlrun-exportDialog');
  await expect(dialog).toContainText('def add(a: int = 1, b: int = 2):');
  await dialog.getByRole('button', { name: /export\.yaml/ }).click();
  await expect(dialog).toContainText('kind:');
  await useTheme(page, 'dark');
  await page.screenshot({ path: 'test-results/export-dark.png' });
  expect(await page.contents.fileExists(`${tmpPath}/export.py`)).toBe(false);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog).toBeHidden();
  await expect
    .poll(() => page.contents.fileExists(`${tmpPath}/export.py`))
    .toBe(true);
  expect(await page.contents.fileExists(`${tmpPath}/export.yaml`)).toBe(true);
});

test('a file that is not ours is replaced only when asked', async ({
  page,
  tmpPath
}) => {
  await page.contents.uploadContent(
    'mine = 1\n',
    'text',
    `${tmpPath}/taken.py`
  );
  await makeNotebook(page, `${tmpPath}/taken.ipynb`, [CODE]);
  await page
    .locator(
      '.jp-NotebookPanel-toolbar [data-command="jupyter-mlrun:export-notebook"]'
    )
    .click();
  const dialog = page.locator('.jp-mlrun-exportDialog');
  await expect(dialog.locator('.jp-mlrun-diff .jp-mod-removed')).toContainText(
    'mine = 1'
  );
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog.getByLabel('Replace it all the same')).toBeVisible();
  await dialog.getByLabel('Replace it all the same').check();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog).toBeHidden();
  await expect
    .poll(async () => {
      const file = await page.request.get(
        `${process.env.TARGET_URL}/files/${tmpPath}/taken.py`
      );
      return file.text();
    })
    .toContain('def add');
});

test('the file browser’s menu exports the file', async ({ page, tmpPath }) => {
  await makeNotebook(page, `${tmpPath}/browse.ipynb`, [CODE]);
  await saveNotebook(page);
  await page
    .locator('.jp-DirListing-item', { hasText: 'browse.ipynb' })
    .click({ button: 'right' });
  await page
    .getByRole('menuitem', { name: /Export Notebook as MLRun Function/ })
    .click();
  await expect(page.locator('.jp-mlrun-exportDialog')).toContainText('def add');
  await page.keyboard.press('Escape');
  await expect(page.locator('.jp-mlrun-exportDialog')).toBeHidden();
  expect(await page.contents.fileExists(`${tmpPath}/browse.py`)).toBe(false);
});
