import { expect, test } from './fixture';
import { execute, look, newProject } from './service';

const API = `${process.env.TARGET_URL}/mlrun/api/v1`;

test('the form sizes a scheduler, and says how pods go with nodes that may go', async ({
  page,
  request
}) => {
  const project = await newProject(request, 'sizes');
  const form = page.locator('.jp-mlrun-form').last();
  const field = (name: string) => form.getByLabel(name, { exact: true });
  const said = form.locator('.jp-mlrun-form-pods');
  const open = async (kind: string) => {
    const answer = await request.post(
      `${API}/projects/${project}/functions/${kind}?versioned=true`,
      {
        data: {
          kind,
          metadata: { name: kind, project },
          spec: {
            default_handler: 'train',
            build: {
              functionSourceCode: btoa('def train(context):\n    pass\n')
            }
          }
        }
      }
    );
    expect(answer.ok()).toBe(true);
    await execute(page, 'jupyter-mlrun:run-form', { project, name: kind });
  };
  await open('dask');
  await field('Limits of the scheduler: memory').fill('2Gi');
  await field('Preemption').selectOption('prevent');
  await expect(said).toContainText('function.with_scheduler_limits(mem="2Gi")');
  await expect(said).toContainText(
    'function.with_preemption_mode(mode="prevent")'
  );
  await open('spark');
  await field('Preemption of the driver').selectOption('prevent');
  await field('Preemption of executors').selectOption('allow');
  await expect(said).toContainText(
    'function.with_driver_preemption_mode(mode="prevent")'
  );
  await expect(said).toContainText(
    'function.with_executor_preemption_mode(mode="allow")'
  );
  await field('Preemption of executors').scrollIntoViewIfNeeded();
  await look(page, 'form-sizes');
});
