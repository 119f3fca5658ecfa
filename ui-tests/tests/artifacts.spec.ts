import { expect, test } from './fixture';
import { makeNotebook, runToEnd } from './cells';
import {
  execute,
  expectNoOverflow,
  newProject,
  openPanel,
  openSection,
  useTheme
} from './service';

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
  // a page of half the width is one at 200 %
  await page.setViewportSize({ width: 640, height: 480 });
  await expectNoOverflow(tab.getByRole('tabpanel'));
  await page.screenshot({ path: 'test-results/artifact-versions-zoom.png' });
  await page.setViewportSize({ width: 1280, height: 720 });
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

// row 5.121
test('a folder shows its files, a model is downloaded as its file, a broken picture says so', async ({
  page,
  request,
  tmpPath
}) => {
  const project = await newProject(request, 'folders');
  await makeNotebook(page, `${tmpPath}/folders.ipynb`, [
    `%%mlrun keep -o tree:directory -o net:model -o torn:file --project ${project}
from pathlib import Path
from sklearn.linear_model import LinearRegression
tree, torn = Path("tree"), Path("torn.png")
(tree / "below").mkdir(parents=True, exist_ok=True)
(tree / "below" / "leaf.txt").write_text("leaf")
torn.write_bytes(b"no picture")
net = LinearRegression().fit([[1], [2]], [1, 2])`
  ]);
  await runToEnd(page, 1, 'keep');
  const tab = page.locator('.jp-mlrun-objectPanel').filter({ visible: true });
  const name = 'keep_tree';
  await execute(page, 'jupyter-mlrun:open-artifact', { project, name });
  const files = tab.getByRole('table');
  await files.getByRole('button', { name: 'below/' }).click();
  let download = page.waitForEvent('download');
  await files.getByRole('button', { name: 'leaf.txt' }).click();
  expect((await download).suggestedFilename()).toBe('leaf.txt');
  await page.screenshot({ path: 'test-results/artifact-folder-light.png' });
  await files.getByRole('button', { name: '..' }).click();
  await expect(files.getByRole('button', { name: 'below/' })).toBeVisible();

  await execute(page, 'jupyter-mlrun:open-artifact', {
    project,
    name: 'keep_net'
  });
  await expect(tab.getByRole('heading', { level: 1 })).toHaveText('keep_net');
  download = page.waitForEvent('download');
  await tab.getByRole('button', { name: 'Download' }).click();
  expect((await download).suggestedFilename()).toMatch(/\.pkl$/);

  await execute(page, 'jupyter-mlrun:open-artifact', {
    project,
    name: 'keep_torn'
  });
  await expect(tab.getByRole('tabpanel')).toContainText(
    'is no picture that can be drawn'
  );
});

test('more artifacts than a page are counted, found and read on', async ({
  page,
  request
}) => {
  const project = await newProject(request, 'many');
  const count = 1040;
  for (let first = 0; first < count; first += 40) {
    await Promise.all(
      [...Array(40).keys()].map(async number => {
        const key = `key-${String(first + number).padStart(4, '0')}`;
        const answer = await request.post(
          `${API}/v2/projects/${project}/artifacts`,
          {
            data: {
              kind: 'artifact',
              metadata: { key, project, tree: 'seed' },
              spec: { db_key: key }
            }
          }
        );
        expect(answer.ok(), await answer.text()).toBe(true);
      })
    );
  }
  const panel = await openPanel(page, project);
  await openSection(panel, 'Artifacts');
  const list = panel.getByRole('treegrid', { name: 'Artifacts' });
  await expect(list).toHaveAttribute('aria-rowcount', '1040');
  const title = panel.locator('.lm-AccordionPanel-title, .jp-mlrun-section', {
    hasText: '1,040'
  });
  await expect(title.first()).toBeVisible();
  await list.getByRole('row').first().press('End');
  await expect(
    list.getByRole('row', { name: /^key-00[0-3]\d/ }).first()
  ).toBeAttached();
  await list.getByRole('row').first().press('End');
  await panel.getByRole('combobox', { name: 'Filter' }).fill('key-0003');
  await expect(list.getByRole('row')).toHaveCount(1);
  await expect(panel.getByText('1 of 1,040')).toBeVisible();
});

// row 5.206
test('a model is found by its kind and shows what it takes, gives and was taught with', async ({
  page,
  request,
  tmpPath
}) => {
  const project = await newProject(request, 'models');
  await makeNotebook(page, `${tmpPath}/models.ipynb`, [
    `%%mlrun teach --project ${project}
import pickle
import pandas as pd
rows = pd.DataFrame({"x": range(20), "z": [0.5, 1.5] * 10, "y": [0, 1] * 10})
context.log_model("line", body=pickle.dumps({"a": 2}), model_file="line.pkl", framework="sklearn",
                  algorithm="LinearRegression", metrics={"accuracy": 0.965}, training_set=rows,
                  label_column="y", parameters={"depth": 3})
context.log_dataset("rows", df=rows)`
  ]);
  await runToEnd(page, 1, 'teach');
  const panel = await openPanel(page, project);
  await openSection(panel, 'Artifacts');
  const list = panel.getByRole('treegrid', { name: 'Artifacts' });
  await expect(list.getByRole('row')).toHaveCount(2);
  await panel.getByRole('button', { name: 'Models', exact: true }).click();
  await expect(list.getByRole('row')).toHaveCount(1);
  const row = list.getByRole('row', { name: /line, model/ });
  await expect(row).toHaveAccessibleName(/sklearn|LinearRegression/);
  await row.press('Enter');
  const tab = page.locator('.jp-mlrun-objectPanel').filter({ visible: true });
  const body = tab.getByRole('tabpanel');
  await expect(tab.getByRole('heading', { level: 1 })).toHaveText(/line/);
  await expect(body).toContainText('LinearRegression');
  await expect(body).toContainText('0.9650');
  await page.screenshot({ path: 'test-results/model-light.png' });
  await tab.getByRole('tab', { name: /^Schema/ }).click();
  const schema = body.getByRole('table', { name: 'Schema' });
  await expect(schema.getByRole('row', { name: /^x .*input/ })).toBeVisible();
  await expect(schema.getByRole('row', { name: /^y .*output/ })).toBeVisible();
  await tab.getByRole('tab', { name: 'Statistics' }).click();
  await expect(body.getByRole('row', { name: /^accuracy/ })).toContainText(
    '0.9650'
  );
  const column = body.getByRole('row', { name: /^x 20/ });
  await expect(column.getByRole('img')).toBeVisible();
  await page.screenshot({ path: 'test-results/model-statistics-light.png' });
  await tab.getByRole('tab', { name: 'Used by' }).click();
  await expect(body).toContainText('teach');
});
