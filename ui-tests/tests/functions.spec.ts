import { existsSync } from 'fs';
import { fitOf } from './builds';
import { expect, test } from './fixture';
import { makeNotebook, selectCell, startCell } from './cells';
import {
  execute,
  newProject,
  openPanel,
  openSection,
  useTheme
} from './service';

const API = `${process.env.TARGET_URL}/mlrun/api/v1`;
const hasBuildah = (process.env.PATH ?? '')
  .split(':')
  .some(folder => existsSync(`${folder}/buildah`));

const cell = (
  project: string,
  extra: string
) => `%%mlrun fit --no-run --project ${project}
def fit(context, data: pd.DataFrame, n: int = 200, rate: float = 0.1):
    """Fit a model."""
${extra}    context.log_result("rows", len(data))
    return n`;

test('a function shows its versions and their difference, and runs by its signature', async ({
  page,
  request,
  tmpPath
}) => {
  const project = await newProject(request, 'functions');
  await makeNotebook(page, `${tmpPath}/functions.ipynb`, [
    'import pandas as pd',
    cell(project, ''),
    cell(project, '    context.log_result("more", 1)\n'),
    `%%mlrun keep -o rows:dataset --project ${project}\nrows = pd.DataFrame({"x": [1, 2, 3]})`
  ]);
  for (const index of [1, 2, 3, 4]) {
    await startCell(page, index);
  }
  await selectCell(page, 0);
  await expect
    .poll(
      async () => {
        const answer = await request.get(
          `${API}/lab/runs?project=${project}&q=state:completed`
        );
        return (await answer.json()).total;
      },
      { timeout: 60000 }
    )
    .toBe(1);
  const panel = await openPanel(page, project);
  await openSection(panel, 'Functions');
  const list = panel.getByRole('treegrid', { name: 'Functions' });
  await list.getByRole('row', { name: /^fit/ }).press('Enter');
  const tab = page.locator('.jp-mlrun-objectPanel').filter({ visible: true });
  await expect(tab.getByRole('heading', { level: 1 })).toHaveText('fit');
  const versions = tab.getByRole('table', { name: 'Versions of the function' });
  await expect(versions.getByRole('checkbox')).toHaveCount(2);
  await expect(versions.getByRole('row').nth(1)).toContainText(/\+\d+ −\d+/);
  await versions.getByRole('checkbox').first().click();
  await versions.getByRole('checkbox').last().click();
  const diff = tab.getByRole('table', { name: /^Changes from/ });
  await expect(diff.locator('.jp-mod-added')).toContainText('"more"');
  await expect(
    tab.getByRole('table', { name: 'Arguments of the handler' })
  ).toContainText('rate');
  await page.screenshot({ path: 'test-results/function-light.png' });
  await useTheme(page, 'dark');
  await page.screenshot({ path: 'test-results/function-dark.png' });
  await tab.getByRole('tab', { name: 'Code' }).click();
  await expect(tab.locator('.jp-mlrun-code')).toContainText('def fit(');

  await tab.getByRole('tab', { name: 'Used by' }).click();
  await expect(tab).toContainText('Nothing has used this version yet');
  await tab.getByRole('button', { name: 'Export…' }).click();
  const exported = page.getByRole('dialog');
  await expect(exported.locator('.jp-mlrun-code')).toContainText('def fit(');
  await exported.getByRole('button', { name: 'Command line' }).click();
  await expect(exported).toContainText(`--func-url db://${project}/fit@`);
  await exported.getByRole('button', { name: 'Function YAML' }).click();
  await exported.getByRole('textbox', { name: 'Folder' }).fill(tmpPath);
  await page.screenshot({ path: 'test-results/export-function-dark.png' });
  await exported.getByRole('button', { name: 'Save to folder' }).click();
  await expect(page.getByText(`Saved ${tmpPath}/fit.yaml.`)).toBeVisible();
  const saved = await page.request.get(
    `${process.env.TARGET_URL}/api/contents/${tmpPath}/fit.yaml`
  );
  expect((await saved.json()).content).toContain('default_handler: fit');

  await tab.getByRole('button', { name: 'Run…' }).click();
  const form = page.locator('.jp-mlrun-form');
  await expect(form.getByLabel('rate')).toHaveValue('0.1');
  await form.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(form).toContainText('This needs an artifact');
  await expect(form.getByLabel('data')).toBeFocused();
  const address = await form
    .locator('datalist option')
    .first()
    .getAttribute('value');
  expect(address).toContain('keep_rows');
  await form.getByLabel('data').fill(address ?? '');
  await form.getByLabel('n', { exact: true }).fill('7');
  await form.getByRole('textbox', { name: 'Limit of time' }).fill('soon');
  await form.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(form).toContainText('such as 15m or 2h');
  await form.getByRole('textbox', { name: 'Limit of time' }).fill('15m');
  await form.getByRole('button', { name: '+ add' }).click();
  await form
    .getByRole('textbox', { name: 'Another output to keep' })
    .fill('trees');
  await page.keyboard.press('Enter');
  await expect(form.locator('.jp-mlrun-form-line')).toContainText(
    '-o trees --timeout 15m'
  );
  await form.getByRole('button', { name: 'What will ship…' }).click();
  const dialog = page.getByRole('dialog');
  await expect(
    dialog.getByRole('row', { name: /^fit\.py module/ })
  ).toBeVisible();
  await expect(dialog.getByRole('row', { name: /^data input/ })).toBeVisible();
  await page.screenshot({ path: 'test-results/ship-dark.png' });
  await dialog.getByRole('button', { name: 'Close' }).click();
  await form.getByRole('button', { name: 'Run', exact: true }).click();
  const run = page.locator('.jp-mlrun-runPanel');
  await expect(run.locator('span[data-state=completed]')).toBeVisible({
    timeout: 60000
  });
  await expect(run.getByRole('row', { name: /^trees 7/ })).toBeVisible();
  const uid = await run.getAttribute('data-uid');
  const answer = await request.get(`${API}/projects/${project}/runs/${uid}`);
  expect((await answer.json()).data.spec.limits.timeout).toBe(900);

  await execute(page, 'jupyter-mlrun:open-function', { project, name: 'fit' });
  await tab.getByRole('tab', { name: 'Used by' }).click();
  const users = tab.getByRole('table', { name: 'What uses this version' });
  await expect(users.getByRole('row')).toHaveCount(2);
  await page.screenshot({ path: 'test-results/function-users-dark.png' });
  await useTheme(page, 'light');
  await page.screenshot({ path: 'test-results/function-users-light.png' });
  await tab.getByRole('button', { name: 'Export…' }).click();
  await exported.getByRole('textbox', { name: 'Folder' }).fill(tmpPath);
  await exported.getByRole('button', { name: 'Function YAML' }).click();
  await expect(exported).toContainText('unchanged');
  await page.screenshot({ path: 'test-results/export-function-light.png' });
  await page.keyboard.press('Escape');
  await expect(exported).toHaveCount(0);
});

test('a schedule of the same name is replaced only when that is meant', async ({
  page,
  request
}) => {
  const project = await newProject(request, 'replace');
  await request.post(`${API}/projects/${project}/functions/tick`, {
    data: {
      kind: 'local',
      metadata: { name: 'tick', project },
      spec: {
        default_handler: 'tick',
        build: {
          functionSourceCode: Buffer.from('def tick():\n    pass\n').toString(
            'base64'
          )
        },
        entry_points: { tick: { name: 'tick', parameters: [] } }
      }
    }
  });
  const read = async () =>
    (await request.get(`${API}/projects/${project}/schedules/tick`)).json();
  const form = page.locator('.jp-mlrun-form');
  const dialog = page.getByRole('dialog');
  for (const [minute, answer] of [
    ['1', null],
    ['2', 'Keep it'],
    ['3', 'Replace']
  ]) {
    await execute(page, 'jupyter-mlrun:run-form', {
      project,
      name: 'tick',
      schedule: true
    });
    await form.getByLabel('Cron').fill(`${minute} 6 * * *`);
    await form.getByRole('button', { name: 'Save schedule' }).click();
    if (answer) {
      await expect(dialog).toContainText('Replace schedule tick?');
      await dialog.getByRole('button', { name: answer }).click();
    }
    if (answer === 'Keep it') {
      await expect(dialog).toBeHidden();
      expect(String((await read()).cron_trigger.minute)).toBe('1');
      await execute(page, 'application:close');
    } else {
      await expect(form).toBeHidden();
      expect(String((await read()).cron_trigger.minute)).toBe(minute);
    }
  }
});

// images of functions, their log as it comes, and why one is not built
test('an image is built, and a build that fails says why', async ({
  page,
  request
}) => {
  test.skip(!hasBuildah, 'buildah is not installed');
  const project = await newProject(request, 'builds');
  const { store, open } = fitOf(page, request, project);
  // nothing is pulled: the image begins empty
  await store({
    base_image: 'scratch',
    extra: 'ENV KEPT=yes\nLABEL team=north'
  });
  const panel = await openPanel(page, project);
  await openSection(panel, 'Functions');
  const row = panel
    .getByRole('treegrid', { name: 'Functions' })
    .getByRole('row', { name: /^fit/ });
  await expect(row).toContainText('its image is not built');
  let tab = await open();
  await expect(tab.getByRole('status')).toContainText('never built');
  await tab.getByRole('button', { name: 'Build', exact: true }).click();
  const log = tab.getByLabel('Log of the build');
  await expect(log).toContainText('STEP 3/3: LABEL team=north', {
    timeout: 60000
  });
  await expect(tab.getByRole('button', { name: 'Build again' })).toBeVisible({
    timeout: 60000
  });
  await expect(tab).toContainText(`func-${project}-fit`);
  await expect(row).not.toContainText('its image is not built');
  for (const theme of ['light', 'dark'] as const) {
    await useTheme(page, theme);
    await page.screenshot({ path: `test-results/build-${theme}.png` });
  }
  await execute(page, 'application:close');
  // an empty image has no shell
  await store({ base_image: 'scratch', commands: ['true'] });
  tab = await open();
  await tab.getByRole('button', { name: /^Build/ }).click();
  await expect(tab.getByLabel('Log of the build')).toContainText('STEP 2/2', {
    timeout: 60000
  });
  await expect(tab.locator('dl[aria-label="Build"]')).toContainText(
    /why.*building at STEP "RUN true"/,
    { timeout: 60000 }
  );
  await page.screenshot({ path: 'test-results/build-failed-dark.png' });
});
