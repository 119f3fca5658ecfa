import AxeBuilder from '@axe-core/playwright';
import { expect, IJupyterLabPageFixture, test } from './fixture';
import { execute, newProject, openPanel, seedRun, useTheme } from './service';

// what a theme can break: all else is the same in each of them, and looked at in the light one
const OF_THEMES = ['color-contrast', 'link-in-text-block'];

/** What axe finds wrong inside a part of the page, in one line each. */
async function problems(
  page: IJupyterLabPageFixture,
  part: string,
  theme: string
) {
  const [plain] = page.context().pages();
  const axe = new AxeBuilder({ page: plain })
    .include(part)
    .exclude('jp-button') // Lab's own toolbar buttons
    .setLegacyMode(); // no part has frames of other hosts
  const found = await (
    theme === 'light' ? axe : axe.withRules(OF_THEMES)
  ).analyze();
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(node => `${id}: ${node.target.join(' ')} ${node.failureSummary}`)
  );
}

for (const theme of ['light', 'dark', 'high contrast'] as const) {
  test(`no barriers in ${theme}`, async ({ page, request }) => {
    test.slow(); // many parts of the page, each looked through
    const project = await newProject(request, 'axe');
    const uids: string[] = [];
    for (const [index, state] of [
      'completed',
      'error',
      'aborted',
      'running'
    ].entries()) {
      uids.push(
        await seedRun(request, project, {
          state,
          ago: 100 + index,
          parameters: { n: index },
          results: { accuracy: 0.9 + index / 100 },
          status: { error: state === 'error' ? 'ValueError: no' : null }
        })
      );
    }
    await useTheme(page, theme);
    const panel = await openPanel(page, project);
    await panel.locator('.jp-mlrun-runs-row').first().click();
    expect
      .soft(await problems(page, '#jupyter-mlrun-panel', theme))
      .toEqual([]);

    await execute(page, 'jupyter-mlrun:open-runs');
    const row = page.locator('.jp-mlrun-table-row').first();
    await row.getByRole('checkbox').click();
    expect.soft(await problems(page, '.jp-mlrun-table', theme)).toEqual([]);

    const runs = uids.slice(0, 3).map(uid => ({ project, uid }));
    await execute(page, 'jupyter-mlrun:compare', { runs });
    await page.locator('.jp-mlrun-compare-table').waitFor();
    expect.soft(await problems(page, '.jp-mlrun-compare', theme)).toEqual([]);

    const api = `${process.env.TARGET_URL}/mlrun/api`;
    await request.post(`${api}/v1/projects/${project}/functions/fit`, {
      data: {
        kind: 'local',
        metadata: { name: 'fit', project },
        spec: {
          default_handler: 'fit',
          build: { functionSourceCode: 'ZGVmIGZpdChuPTIpOgogICAgcmV0dXJuIG4K' },
          entry_points: {
            fit: {
              name: 'fit',
              parameters: [{ name: 'n', type: 'int', default: 2 }]
            }
          }
        }
      }
    });
    await request.post(`${api}/v2/projects/${project}/artifacts`, {
      data: {
        kind: 'dataset',
        metadata: { key: 'rows', project, tree: uids[0] },
        spec: {
          db_key: 'rows',
          header: ['x'],
          length: 2,
          schema: { fields: [{ name: 'x', type: 'integer' }] },
          producer: { kind: 'run', uri: `${project}/${uids[0]}` }
        },
        status: { preview: [[1], [2]] }
      }
    });
    const tab = page.locator('.jp-mlrun-objectPanel').filter({ visible: true });
    for (const [command, name] of [
      ['open-function', 'fit'],
      ['open-artifact', 'rows']
    ]) {
      await execute(page, `jupyter-mlrun:${command}`, { project, name });
      await expect(tab.getByRole('heading', { level: 1 })).toHaveText(name);
      for (const section of await tab.getByRole('tab').all()) {
        await section.click();
        await expect(
          tab.locator('.jp-mlrun-skeleton, [aria-busy=true]')
        ).toHaveCount(0);
        expect
          .soft(await problems(page, '.jp-mlrun-object', theme))
          .toEqual([]);
      }
    }
    await execute(page, 'jupyter-mlrun:run-form', { project, name: 'fit' });
    await page.locator('.jp-mlrun-form').waitFor();
    expect.soft(await problems(page, '.jp-mlrun-form', theme)).toEqual([]);
  });
}
