import AxeBuilder from '@axe-core/playwright';
import { expect, IJupyterLabPageFixture, test } from './fixture';
import { execute, newProject, openPanel, seedRun, useTheme } from './service';

/** What axe finds wrong inside a part of the page, in one line each. */
async function problems(page: IJupyterLabPageFixture, part: string) {
  const found = await new AxeBuilder({ page: page as any })
    .include(part)
    .exclude('jp-button') // Lab's own toolbar buttons
    .analyze();
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(node => `${id}: ${node.target.join(' ')} ${node.failureSummary}`)
  );
}

for (const theme of ['light', 'dark'] as const) {
  test(`no barriers in ${theme}`, async ({ page, request }) => {
    const project = await newProject(request, 'axe');
    const uids: string[] = [];
    for (const [index, state] of ['completed', 'error', 'aborted', 'running'].entries()) {
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
    expect.soft(await problems(page, '#jupyter-mlrun-panel')).toEqual([]);

    await execute(page, 'jupyter-mlrun:open-runs');
    const row = page.locator('.jp-mlrun-table-row').first();
    await row.getByRole('checkbox').click();
    expect.soft(await problems(page, '.jp-mlrun-table')).toEqual([]);

    const runs = uids.slice(0, 3).map(uid => ({ project, uid }));
    await execute(page, 'jupyter-mlrun:compare', { runs });
    await page.locator('.jp-mlrun-compare-table').waitFor();
    expect.soft(await problems(page, '.jp-mlrun-compare')).toEqual([]);
  });
}
