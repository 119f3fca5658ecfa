// Not galata: its server switches off the token and the XSRF check.
import { expect, test } from '@playwright/test';

const base = process.env.AUTH_URL!;
const api = `${base}/mlrun/api/v1`;

test('the panel works with a token and XSRF checks on', async ({ page }) => {
  const project = `with-${Date.now().toString(36)}`; // another one at each try
  expect((await page.request.get(`${api}/lab/runs`)).status()).toBe(403);
  await page.goto(`${base}/lab/workspaces/ui-${Date.now()}?token=ui-token`);
  // the layout that is restored would close a panel that was opened before
  await page.waitForFunction(() => 'jupyterapp' in window);
  await page.evaluate(() => (window as any).jupyterapp.restored);
  // the launcher comes last, and takes the focus: what is open then closes
  await expect(page.locator('.jp-Launcher')).toBeVisible();
  await page.evaluate(() =>
    (window as any).jupyterapp.commands.execute('jupyter-mlrun:open-panel', {
      q: ''
    })
  );
  const panel = page.locator('#jupyter-mlrun-panel');
  await expect(panel.locator('.jp-mlrun-dot.jp-mod-connected')).toBeVisible();

  const make = (name: string, headers: Record<string, string>) =>
    page.evaluate(
      async ([url, name, headers]) => {
        const answer = await fetch(url as string, {
          method: 'POST',
          body: JSON.stringify({ metadata: { name } }),
          headers: headers as Record<string, string>
        });
        return answer.status;
      },
      [`${api}/projects`, name, headers] as const
    );
  expect(await make(`${project}-not`, {})).toBe(403);
  const cookies = await page.context().cookies();
  const xsrf = cookies.find(cookie => cookie.name === '_xsrf')!;
  expect(await make(project, { 'X-XSRFToken': xsrf.value })).toBeLessThan(300);

  await panel.getByRole('button', { name: 'All projects' }).click();
  await panel.getByRole('option', { name: new RegExp(`^${project}`) }).click();
  await expect(panel.getByText(`No runs in ${project} yet.`)).toBeVisible();
  expect(await page.evaluate(() => location.href)).not.toContain('ui-token');
});
