import { expect, test } from './fixture';
import { makeNotebook, runToEnd } from './cells';
import { execute, newProject, openPanel, openSection, useTheme } from './service';

const API = `${process.env.TARGET_URL}/mlrun/api`;

// row 5.121
test('artifacts are listed, looked at, tagged, loaded and deleted', async ({
  page,
  request,
  tmpPath
}) => {
  const project = await newProject(request, 'artifacts');
  const keep = (n: number) => `%%mlrun keep -p n=${n} -o rows:dataset -o words:artifact --project ${project}
import pandas as pd
rows = pd.DataFrame({"x": range(n), "y": [0.5] * n})
words = ["a"] * n`;
  await makeNotebook(page, `${tmpPath}/artifacts.ipynb`, [
    keep(3),
    keep(5),
    `%%mlrun take -i table=keep.rows -o count --project ${project}\ncount = len(table)`
  ]);
  await runToEnd(page, 1, 'keep');
  await page.locator('.jp-mlrun-card').first().waitFor();
  await execute(page, 'notebook:run-all-cells');
  await expect
    .poll(
      async () => {
        const answer = await request.get(
          `${API}/v1/lab/runs?project=${project}&q=state:completed`
        );
        return (await answer.json()).total;
      },
      { timeout: 60000 }
    )
    .toBeGreaterThanOrEqual(4);
  const panel = await openPanel(page, project);
  await openSection(panel, 'Artifacts');
  const list = panel.getByRole('treegrid', { name: 'Artifacts' });
  await expect(list.getByRole('row')).toHaveCount(2);
  const row = list.getByRole('row', { name: /^keep_rows, dataset/ });
  await panel.getByRole('button', { name: 'Datasets' }).click();
  await expect(list.getByRole('row')).toHaveCount(1);
  await page.screenshot({ path: 'test-results/artifacts-panel-light.png' });

  // dropped into a cell it becomes the lines that load it
  const text = await row.evaluate(node => {
    const dataTransfer = new DataTransfer();
    node.dispatchEvent(
      new DragEvent('dragstart', { dataTransfer, bubbles: true })
    );
    return dataTransfer.getData('text/plain');
  });
  expect(text).toContain(`store://datasets/${project}/keep_rows`);
  await row.press('i');
  const notebook = page.locator('.jp-Notebook');
  await expect(notebook.getByText('get_dataitem').first()).toBeVisible();

  await row.press('Enter');
  const tab = page.locator('.jp-mlrun-objectPanel').filter({ visible: true });
  await expect(tab.getByRole('heading', { level: 1 })).toHaveText('keep_rows');
  await expect(tab.getByRole('tabpanel')).toContainText('5 rows');
  await tab.getByRole('tab', { name: /^Schema/ }).click();
  await expect(tab.getByRole('table', { name: 'Schema' })).toContainText('y');
  await tab.getByRole('tab', { name: 'Statistics' }).click();
  await expect(tab.getByRole('row', { name: /^x/ })).toContainText('5');
  await tab.getByRole('tab', { name: /^Versions/ }).click();
  const versions = tab.getByRole('table', { name: 'Versions of the artifact' });
  const last = versions.getByRole('row').last();
  await last.getByRole('button', { name: 'Add a tag' }).click();
  await tab.getByRole('textbox', { name: 'New tag' }).fill('first');
  await page.keyboard.press('Enter');
  await expect(last.getByText('first')).toBeVisible();
  await last.getByRole('button', { name: /^[0-9a-f]{7}$/ }).click();
  await expect(tab.locator('.jp-mlrun-object-header')).toContainText('first');
  await tab.getByRole('tab', { name: 'Preview' }).click();
  await expect(tab.getByRole('tabpanel')).toContainText('3 rows');
  await tab.getByRole('tab', { name: 'Used by' }).click();
  await expect(tab.getByRole('tabpanel')).toContainText('Made by');
  await useTheme(page, 'dark');
  await page.screenshot({ path: 'test-results/artifact-dark.png' });

  await execute(page, 'jupyter-mlrun:open-panel', { project, q: '' });
  await row.press('Delete');
  await expect(list.getByRole('row')).toHaveCount(0);
  const toast = page.locator('.Toastify__toast', { hasText: 'is deleted' });
  await toast.getByRole('button', { name: 'Undo' }).click();
  await expect(list.getByRole('row')).toHaveCount(1);
  await row.press('Delete');
  await expect
    .poll(
      async () => {
        const answer = await request.get(
          `${API}/v2/projects/${project}/artifacts?name=keep_rows`
        );
        return (await answer.json()).artifacts.length;
      },
      { timeout: 30000 }
    )
    .toBe(0);
});
