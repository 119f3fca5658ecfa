import type { APIRequestContext } from '@playwright/test';
import { expect, test } from './fixture';
import { execute, expectNoOverflow, look, newProject } from './service';

const API = `${process.env.TARGET_URL}/mlrun/api/v1`;
// a node starts pods when it can
const POD = { timeout: 120000 };

test.skip(!process.env.KUBECONFIG, 'no cluster: KUBECONFIG is not set');

/** Store a function of a kind of the cluster. */
async function storeFunction(
  request: APIRequestContext,
  project: string,
  kind: string,
  source: string,
  spec: object = {}
): Promise<void> {
  const answer = await request.post(
    `${API}/projects/${project}/functions/train?versioned=true`,
    {
      data: {
        kind,
        metadata: { name: 'train', project },
        spec: {
          default_handler: 'train',
          build: { functionSourceCode: btoa(source) },
          entry_points: {
            train: {
              name: 'train',
              parameters: [{ name: 'n', type: 'int', default: 2 }]
            }
          },
          ...spec
        }
      }
    }
  );
  expect(answer.ok(), await answer.text()).toBe(true);
}

test('a job gets its pods from the form, and is seen on the cluster', async ({
  page,
  request
}) => {
  test.slow();
  const project = await newProject(request, 'pods');
  await storeFunction(
    request,
    project,
    'job',
    'import time\n\ndef train(context, n=2):\n    for step in range(n):\n        print("step", step, flush=True)\n        time.sleep(1)\n    context.log_result("steps", n)\n'
  );
  await execute(page, 'jupyter-mlrun:run-form', { project, name: 'train' });
  const form = page.locator('.jp-mlrun-form');
  const field = (name: string) => form.getByLabel(name, { exact: true });
  await field('n').fill('20');
  await field('Requests: cores').fill('50 m');
  await field('Requests: memory').fill('64Mi');
  await field('Limits: memory').fill('512Mi');
  await field('Node selector').fill('kubernetes.io/os=linux');
  await field('Tolerations').fill('team=onco:NoSchedule');
  await form.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(field('Requests: cores')).toBeFocused();
  await expect(form).toContainText('such as 2 or 500m');
  await field('Requests: cores').fill('50m');
  await expect(form.locator('.jp-mlrun-form-pods')).toContainText(
    'function.with_requests(mem="64Mi", cpu="50m")'
  );
  await look(page, 'form-pods');
  await form.getByRole('button', { name: 'Run', exact: true }).click();

  const tab = page.locator('.jp-mlrun-runPanel');
  await tab.getByRole('tab', { name: /^Pods/ }).click();
  const pods = tab.getByRole('table', { name: 'Pods of the run' });
  await expect(pods.getByRole('row', { name: /Running/ })).toBeVisible(POD);
  await expect(
    tab.getByRole('table', { name: 'Events of pods' })
  ).toContainText('Scheduled', POD);
  await expectNoOverflow(tab.getByRole('tabpanel'));
  await look(page, 'run-pods');
  await tab.getByRole('tab', { name: /^Log/ }).click();
  await expect(tab.getByRole('log')).toContainText('step 3', POD);

  await execute(page, 'jupyter-mlrun:open-cluster');
  const cluster = page.locator('.jp-mlrun-objectPanel, .jp-mlrun-object').filter({ hasText: 'Contexts' }).first();
  await expect(cluster).toContainText(process.env.UI_NAMESPACE ?? '');
  await expect(cluster).toContainText('in use');
  const namespaces = cluster.getByLabel('Namespaces of the cluster');
  await expect(namespaces).toContainText('kube-system');
  await expect(
    namespaces.getByRole('listitem').filter({ hasText: 'in use' })
  ).toContainText(process.env.UI_NAMESPACE ?? '');
  await expect(
    cluster.getByRole('table', { name: 'Pods of runs' }).getByRole('row', { name: /Running/ })
  ).toBeVisible();
  await expect(
    cluster.getByRole('table', { name: 'Events of the namespace' })
  ).toContainText('Scheduled');
  await look(page, 'cluster');

  await expect(
    page.locator('.jp-mlrun-runPanel span[data-state=completed]')
  ).toHaveCount(1, POD);
  const answer = await request.get(
    `${API}/projects/${project}/functions/train`
  );
  const { func } = await answer.json();
  expect(func.spec.resources.requests).toEqual({ cpu: '50m', memory: '64Mi' });
  expect(func.spec.node_selector).toEqual({ 'kubernetes.io/os': 'linux' });
});

test('a Dask cluster is seen, scaled and stopped', async ({
  page,
  request
}) => {
  test.slow();
  const project = await newProject(request, 'dask');
  const resources = {
    requests: { cpu: '50m' },
    limits: { memory: '600Mi' }
  };
  const source =
    'def train(context, n=2):\n    context.log_result("sum", sum(context.dask_client.map(lambda x: x, range(n)) and [n]))\n';
  await storeFunction(request, project, 'dask', source, {
    replicas: 1,
    nthreads: 1,
    worker_resources: resources,
    scheduler_resources: resources
  });
  await request.post(`${API}/submit_job`, {
    data: {
      task: {
        metadata: { name: 'train', project },
        spec: { function: `${project}/train`, handler: 'train' }
      }
    }
  });
  await execute(page, 'jupyter-mlrun:open-panel', { project, q: '' });
  await execute(page, 'jupyter-mlrun:open-cluster');
  await page.getByRole('tab', { name: /^Dask clusters/ }).click();
  const table = page.getByRole('table', { name: 'Clusters of functions' });
  const row = table.getByRole('row', { name: /running/ });
  await expect(row).toBeVisible(POD);
  await expect(row.getByLabel('Workers of train')).toHaveValue('1', POD);
  await row.getByLabel('Workers of train').fill('2');
  await row.getByRole('button', { name: 'Scale' }).click();
  await expect(row.getByLabel('Workers of train')).toHaveValue('2', POD);
  await expectNoOverflow(page.locator('.jp-mlrun-object-body').filter({ has: table }));
  await look(page, 'dask-cluster');
  await row.getByRole('button', { name: 'Stop' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Stop' }).click();
  await expect(row).toBeHidden(POD);
});

test('the driver of a Spark function is sized in the form', async ({
  page,
  request
}) => {
  const project = await newProject(request, 'spark');
  await storeFunction(
    request,
    project,
    'spark',
    'def train(context, n=2):\n    context.log_result("n", n)\n'
  );
  await execute(page, 'jupyter-mlrun:run-form', { project, name: 'train' });
  const form = page.locator('.jp-mlrun-form');
  const field = (name: string) => form.getByLabel(name, { exact: true });
  await field('Requests of the driver: cores').fill('200m');
  await field('Requests of the driver: memory').fill('600m');
  await expect(form.locator('.jp-mlrun-form-pods')).toContainText(
    'function.with_driver_requests(mem="600m", cpu="200m")'
  );
  await expectNoOverflow(form);
  await look(page, 'form-spark');
  // no account may make executors in this namespace
  await form.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(form).toContainText("service account 'sparkapp'");
  await expect(form).toContainText('spark-role.yaml');
});
