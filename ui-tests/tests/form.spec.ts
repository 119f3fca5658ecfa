import { expect, test } from '@jupyterlab/galata';
import { makeNotebook, runToEnd } from './cells';
import { execute, useTheme } from './service';

test('a run is repeated with other values', async ({ page, tmpPath }) => {
  await makeNotebook(page, `${tmpPath}/form.ipynb`, [
    '%%mlrun formtrain -p n=3 -p "name=two words" -p sizes=[1,2] -o out\nout = n * 2'
  ]);
  const uid = await runToEnd(page, 1, 'formtrain');
  await execute(page, 'jupyter-mlrun:edit-and-rerun', {
    project: 'default',
    uid
  });
  const form = page.locator('.jp-mlrun-form');
  const line = form.locator('.jp-mlrun-form-line');
  await expect(form.getByLabel('n', { exact: true })).toHaveValue('3');
  await expect(form.getByLabel('sizes')).toHaveValue('[1,2]');
  await form.getByLabel('n', { exact: true }).fill('many');
  await form.getByRole('button', { name: 'Rerun' }).click();
  await expect(form.getByLabel('n', { exact: true })).toBeFocused();
  await expect(form).toContainText(/This is a (whole )?number/);
  await useTheme(page, 'dark');
  await page.screenshot({ path: 'test-results/form-dark.png' });

  await form.getByLabel('n', { exact: true }).fill('21');
  await expect(form).toContainText('was 3');
  await expect(form).toContainText('1 value changed from that run');
  await expect(line).toContainText('%mlrun run formtrain -p n=21');
  await form.getByRole('button', { name: 'Rerun' }).click();
  const tab = page.locator('.jp-mlrun-runPanel');
  await expect(tab.locator('span[data-state=completed]')).toBeVisible({
    timeout: 30000
  });
  await expect(tab.getByRole('row', { name: /^out 42/ })).toBeVisible();
});
