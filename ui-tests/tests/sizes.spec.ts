import { expect, test } from './fixture';
import { execute, newProject, useTheme } from './service';

const API = `${process.env.TARGET_URL}/mlrun/api/v1`;

test('the form sizes a scheduler, and says how pods go with nodes that may go', async ({
  page,
  request
}) => {
  test.slow();
  const project = await newProject(request, 'sizes');
  const answer = await request.post(
    `${API}/projects/${project}/functions/train?versioned=true`,
    {
      data: {
        kind: 'dask',
        metadata: { name: 'train', project },
        spec: {
          default_handler: 'train',
          build: { functionSourceCode: btoa('def train(context):\n    pass\n') }
        }
      }
    }
  );
  expect(answer.ok()).toBe(true);
  await execute(page, 'jupyter-mlrun:run-form', { project, name: 'train' });
  const form = page.locator('.jp-mlrun-form');
  const field = (name: string) => form.getByLabel(name, { exact: true });
  await field('Limits of the scheduler: memory').fill('2Gi');
  await field('Preemption').selectOption('prevent');
  const said = form.locator('.jp-mlrun-form-pods');
  await expect(said).toContainText('function.with_scheduler_limits(mem="2Gi")');
  await expect(said).toContainText(
    'function.with_preemption_mode(mode="prevent")'
  );
  await field('Preemption').scrollIntoViewIfNeeded();
  for (const theme of ['light', 'dark'] as const) {
    await useTheme(page, theme);
    await page.screenshot({ path: `test-results/form-sizes-${theme}.png` });
  }
});
