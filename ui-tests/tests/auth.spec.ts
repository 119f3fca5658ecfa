// Not galata: its server switches off the token and the XSRF check.
import { expect, test } from '@playwright/test';

const base = process.env.AUTH_URL!;

test('the panel works with a token and XSRF checks on', async ({ page }) => {
  const api = `${base}/mlrun/api/v1`;
  expect((await page.request.get(`${api}/lab/runs`)).status()).toBe(403);
  await page.goto(`${base}/lab/workspaces/ui-${Date.now()}?token=ui-token`);
  await page.locator('[data-id="jupyter-mlrun-panel"]').click();
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
  expect(await make('without', {})).toBe(403);
  const cookies = await page.context().cookies();
  const xsrf = cookies.find(cookie => cookie.name === '_xsrf')!;
  expect(await make('with', { 'X-XSRFToken': xsrf.value })).toBeLessThan(300);

  await panel.getByRole('button', { name: 'All projects' }).click();
  await panel.getByRole('option', { name: /^with/ }).click();
  await expect(panel.getByText('No runs in with yet.')).toBeVisible();
  expect(await page.evaluate(() => location.href)).not.toContain('ui-token');
});
