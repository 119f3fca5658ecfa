import { expect, test } from './fixture';
import { makeNotebook, runToEnd } from './cells';
import {
  execute,
  expectNoOverflow,
  newProject,
  seedRun,
  useTheme
} from './service';

const KEEP = `%%mlrun tabkeep -p n=3 -o score -o table:dataset -o model -o figure -o chart
import pandas as pd
import matplotlib.pyplot as plt
import plotly.graph_objects as go
figure, axes = plt.subplots(figsize=(4, 3))
axes.plot([1, 3, 2])
chart = go.Figure(go.Scatter(y=[1, 3, 2]))
from sklearn.linear_model import LogisticRegression
from sklearn.datasets import load_iris
frame = load_iris(as_frame=True).frame
model = LogisticRegression(max_iter=500).fit(frame.iloc[:, :4], frame.target)
score = float(model.score(frame.iloc[:, :4], frame.target))
table = frame
context.log_artifact('page', body='<h1>Report</h1><script>document.title = 1; document.body.append("ran, origin " + self.origin)</script>', format='html')
context.log_artifact('words', body='one\\ntwo', format='txt')
context.log_artifact('data', body='{"b": [1, 2]}', format='json')
print('kept', score)`;

const SWEEP = `%%mlrun tabsweep -x n=1,2,3 -x kind=a,b --select max.score -o score
score = n * (2 if kind == 'b' else 1)`;

test('overview, artifacts, code and environment of a run', async ({
  page,
  tmpPath
}) => {
  await makeNotebook(page, `${tmpPath}/keep.ipynb`, [KEEP]);
  const uid = await runToEnd(page, 1, 'tabkeep');
  await execute(page, 'jupyter-mlrun:open-run', { project: 'default', uid });
  const tab = page.locator('.jp-mlrun-runPanel');
  await expect(tab.getByRole('heading', { level: 1 })).toHaveText('tabkeep');
  await expect(tab.locator('span[data-state=completed]')).toContainText(
    'completed in'
  );
  await expect(tab).toContainText('Where the time went');
  await expect(tab.getByRole('row', { name: /^score 0\.9/ })).toBeVisible();
  await page.screenshot({ path: 'test-results/run-tab-light.png' });

  await tab.getByRole('tab', { name: /^Artifacts/ }).click();
  const table = tab.getByRole('region', { name: 'table' });
  await expect(table).toContainText('sepal length (cm)');
  await expect(table).toContainText('Rows 1 to 20 of 150');
  await expect(table.getByRole('row')).toHaveCount(21);
  await table.getByRole('button', { name: 'Next rows' }).click();
  await expect(table).toContainText('Rows 21 to 120 of 150');
  await expect(table.getByRole('row').nth(1)).toContainText('5.4'); // row 21
  await table.getByRole('button', { name: 'Last rows' }).click();
  await expect(table).toContainText('Rows 51 to 150 of 150');
  await expect(table.getByRole('button', { name: 'Next rows' })).toBeDisabled();
  await table.getByRole('button', { name: 'Histogram of target' }).click();
  await expect(
    table.getByRole('img', { name: /^target from 0 to 2/ })
  ).toBeVisible();
  await expect(tab.getByRole('region', { name: 'model' })).toContainText(
    'LogisticRegression'
  );
  await expect(tab.getByRole('region', { name: 'words' })).toContainText('two');
  await expect(tab.getByRole('region', { name: 'data' })).toContainText('"b"');
  const cage = tab.getByRole('region', { name: 'page' }).locator('iframe');
  await expect(cage).toHaveAttribute('sandbox', 'allow-scripts');
  expect(await cage.getAttribute('src')).toBeNull();
  await expect(cage.contentFrame().getByText('ran, origin null')).toBeVisible();
  const picture = tab.getByRole('region', { name: 'figure' }).getByRole('img');
  await expect
    .poll(() => picture.evaluate((node: HTMLImageElement) => node.naturalWidth))
    .toBeGreaterThan(100);
  // drawn by the renderer that is installed for its type
  const chart = tab.getByRole('region', { name: 'chart' });
  await expect(
    chart.locator('[data-mime="application/vnd.plotly.v1+json"] svg').first()
  ).toBeVisible();
  await useTheme(page, 'dark');
  await page.screenshot({ path: 'test-results/run-artifacts-dark.png' });

  await tab.getByRole('tab', { name: 'Code' }).click();
  await expect(tab.locator('.jp-mlrun-code')).toContainText('%%mlrun tabkeep');
  await tab.getByRole('button', { name: 'The module shipped' }).click();
  await expect(tab.locator('.jp-mlrun-code')).toContainText('def tabkeep(');
  await tab.getByRole('button', { name: 'Diff to the latest version' }).click();
  await expect(tab).toContainText('This run ran the latest version');
  await tab.getByRole('tab', { name: 'Environment' }).click();
  await expect(tab).toContainText('scikit-learn');
});

// row 4.310
test('iterations as a table and as lines that filter it', async ({
  page,
  tmpPath
}) => {
  await makeNotebook(page, `${tmpPath}/sweep.ipynb`, [SWEEP]);
  const uid = await runToEnd(page, 1, 'tabsweep');
  await execute(page, 'jupyter-mlrun:open-run', {
    project: 'default',
    uid,
    section: 'iterations'
  });
  const tab = page.locator('.jp-mlrun-runPanel');
  const rows = tab.locator('.jp-mlrun-iterations tbody tr');
  await expect(rows).toHaveCount(6);
  await expect(tab.locator('tr.jp-mod-best')).toContainText('6');
  await page.screenshot({ path: 'test-results/run-iterations-light.png' });
  const axis = tab.getByRole('slider', { name: 'Filter by n' });
  await axis.focus();
  for (let press = 0; press < 11; press++) {
    await page.keyboard.press('ArrowUp');
  }
  await expect(rows).toHaveCount(2);
  await tab.getByRole('button', { name: 'Clear the filter' }).click();
  await expect(rows).toHaveCount(6);
});

test('a result stands beside the one before it; a deleted run says so', async ({
  page,
  request,
  tmpPath
}) => {
  const project = await newProject(request, 'previous');
  await seedRun(request, project, { ago: 600, results: { accuracy: 0.9 } });
  const uid = await seedRun(request, project, {
    ago: 60,
    results: { accuracy: 0.95 }
  });
  await execute(page, 'jupyter-mlrun:open-run', { project, uid });
  const tab = page.locator('.jp-mlrun-runPanel');
  await expect(tab.getByRole('row', { name: /^accuracy/ })).toContainText(
    '+0.0500'
  );
  // a page of half the width is one at 200 %: every section stays in sight
  const width = async () => (await tab.boundingBox())!.width;
  const wide = await width();
  await page.setViewportSize({ width: 640, height: 480 });
  await expect.poll(width).toBeLessThan(wide);
  await expectNoOverflow(tab.getByRole('tablist'));
  await page.setViewportSize({ width: 1280, height: 720 });
  await request.delete(
    `${process.env.TARGET_URL}/mlrun/api/v1/projects/${project}/runs/${uid}`
  );
  await expect(tab).toContainText('This run has been deleted');
  await execute(page, 'jupyter-mlrun:open-run', { project, uid: 'nosuchrun' });
  await expect(page.getByText('There is no run nosuchr')).toBeVisible();
});

test('a run leads to what it took and to who used what it left', async ({
  page,
  tmpPath
}) => {
  const name = `lineage-${Date.now().toString(36)}`;
  await makeNotebook(page, `${tmpPath}/lineage.ipynb`, [
    `%%mlrun ${name} -o words:artifact\nwords = ["a", "b"]`,
    `%%mlrun user-${name} -i words=${name}.words -o count\ncount = len(words)`
  ]);
  const uid = await runToEnd(page, 1, name);
  await runToEnd(page, 2, `user-${name}`);
  await execute(page, 'jupyter-mlrun:open-run', {
    project: 'default',
    uid,
    section: 'lineage'
  });
  const tab = page.locator('.jp-mlrun-runPanel');
  const graph = tab.getByRole('group', {
    name: 'Lineage of the run as a graph'
  });
  await expect(graph.getByRole('button')).toHaveCount(3);
  await page.screenshot({ path: 'test-results/run-lineage-light.png' });
  await graph.getByRole('button').first().focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  const user = page.locator('.jp-mlrun-runPanel').filter({ visible: true });
  await expect(user.getByRole('heading', { level: 1 })).toHaveText(
    `user-${name}`
  );
  await user.getByRole('tab', { name: 'Lineage' }).click();
  await user
    .getByRole('row', { name: /^input words/ })
    .getByRole('button')
    .click();
  await expect(
    page.getByRole('heading', { level: 1 }).filter({ visible: true })
  ).toHaveText(name);
});
