import { expect, test } from './fixture';
import { makeNotebook, saveNotebook } from './cells';
import { execute, newProject, useTheme } from './service';

const API = `${process.env.TARGET_URL}/mlrun/api/v1`;
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

test('the palette exports the open document', async ({ page, tmpPath }) => {
  await makeNotebook(page, `${tmpPath}/palette.ipynb`, [CODE]);
  await page.keyboard.press('Control+Shift+C');
  await page
    .locator('.lm-CommandPalette-input')
    .fill('Export Notebook as MLRun Function');
  await page.keyboard.press('Enter');
  const dialog = page.locator('.jp-mlrun-exportDialog');
  await expect(dialog).toContainText('def add(a: int = 1, b: int = 2):');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog).toBeHidden();
  await expect
    .poll(() => page.contents.fileExists(`${tmpPath}/palette.py`))
    .toBe(true);
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

const JOB = `N = 3

def fit(context, n: int = N, word="x"):
    context.log_result("told", [n, word])
`;

test('a run is exported with what it was given, a job as its manifest', async ({
  page,
  request,
  tmpPath
}) => {
  const project = await newProject(request, 'manifests');
  const sent = await request.post(`${API}/submit_job`, {
    data: {
      task: {
        metadata: { name: 'first', project },
        spec: { parameters: { word: 'two words' } }
      },
      function: {
        kind: 'job',
        metadata: { name: 'fit' },
        spec: {
          image: 'registry.local/fit:1',
          default_handler: 'fit',
          build: { functionSourceCode: btoa(JOB) },
          entry_points: {
            fit: {
              name: 'fit',
              parameters: [
                { name: 'context' },
                { name: 'n', type: 'int', default: 'N' },
                { name: 'word', default: 'x' }
              ]
            }
          }
        }
      }
    }
  });
  const { uid } = (await sent.json()).data.metadata;
  await execute(page, 'jupyter-mlrun:open-run', { project, uid });
  const tab = page.locator('.jp-mlrun-runPanel');
  await expect(tab.locator('span[data-state=completed]')).toBeVisible({
    timeout: 60000
  });
  await tab.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Export…' }).click();
  const dialog = page.locator('.jp-mlrun-exportDialog');
  await expect(dialog).toContainText('Export run first');
  await dialog.getByRole('button', { name: 'Command line' }).click();
  await expect(dialog).toContainText('--param \'word="two words"\'');
  await expect(dialog).not.toContainText('n=');
  await dialog.getByRole('button', { name: 'Job manifest' }).click();
  await expect(dialog).toContainText('apiVersion: batch/v1');
  await expect(dialog).toContainText('kubectl create secret generic');
  await page.screenshot({ path: 'test-results/manifest-light.png' });
  await useTheme(page, 'dark');
  await page.screenshot({ path: 'test-results/manifest-dark.png' });
  await dialog.getByRole('textbox', { name: 'Folder' }).fill(tmpPath);
  await dialog.getByRole('button', { name: 'Save to folder' }).click();
  await expect(page.getByText(`Saved ${tmpPath}/fit-job.yaml.`)).toBeVisible();

  await tab.getByRole('button', { name: 'Rerun with edits…' }).click();
  const form = page.locator('.jp-mlrun-form');
  const computed = form.getByLabel('n', { exact: true });
  await expect(computed).toHaveValue('');
  await expect(computed).toHaveAttribute('placeholder', 'N');
  await expect(form).toContainText('empty = as the code computes it');
  await page.screenshot({ path: 'test-results/form-computed-dark.png' });
  await useTheme(page, 'light');
  await page.screenshot({ path: 'test-results/form-computed-light.png' });
  await form.getByRole('button', { name: 'Rerun', exact: true }).click();
  await expect(form).toBeHidden();
  await expect
    .poll(
      async () => {
        const answer = await request.get(
          `${API}/lab/runs?project=${project}&q=state:completed`
        );
        const { rows } = await answer.json();
        return rows.map(
          ({ results }: { results: { told: unknown } }) => results.told
        );
      },
      { timeout: 60000 }
    )
    .toEqual([
      [3, 'two words'],
      [3, 'two words']
    ]);
});
