import { fitOf } from './builds';
import { expect, test } from './fixture';
import { execute, expectNoOverflow, newProject } from './service';

// a node starts pods when it can
const POD = { timeout: 120000 };

test.skip(!process.env.UI_REGISTRY_PORT, 'needs buildah and docker-registry');

// images are built by a Job of the cluster: their log as it comes, and why one is not built
test('an image is built on the cluster, and a build that fails says why', async ({
  page,
  request
}) => {
  test.slow();
  const project = await newProject(request, 'builds');
  const { store, open } = fitOf(page, request, project);
  // nothing is pulled: the image begins empty
  await store({ base_image: 'scratch', extra: 'LABEL team=north' });
  let tab = await open();
  await tab.getByRole('button', { name: 'Build', exact: true }).click();
  await expect(tab.getByLabel('Log of the build')).toContainText(
    'STEP 2/2: LABEL team=north',
    POD
  );
  await expect(tab.getByRole('button', { name: 'Build again' })).toBeVisible(
    POD
  );
  await expect(tab).toContainText(`func-${project}-fit`);
  await expectNoOverflow(tab.getByRole('tabpanel'));
  await page.screenshot({ path: 'test-results/build-cluster.png' });
  const tags = await request.get(
    `http://${process.env.UI_HOST}:${process.env.UI_REGISTRY_PORT}/v2/mlrun/func-${project}-fit/tags/list`
  );
  expect(await tags.text()).toContain('latest');
  await execute(page, 'application:close');
  // an empty image has no shell
  await store({ base_image: 'scratch', commands: ['true'] });
  tab = await open();
  await tab.getByRole('button', { name: /^Build/ }).click();
  await expect(tab.locator('dl[aria-label="Build"]')).toContainText(
    /why.*building at STEP "RUN true"/,
    POD
  );
  await page.screenshot({ path: 'test-results/build-cluster-failed.png' });
});
