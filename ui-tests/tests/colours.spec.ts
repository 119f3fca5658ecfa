import type { Locator } from '@playwright/test';
import { expect, test } from './fixture';
import { seedNames } from './names';
import { execute, openPanel } from './service';

async function styleOf(part: Locator, property: string): Promise<string> {
  return part.evaluate(
    (node, name) => getComputedStyle(node).getPropertyValue(name),
    property
  );
}

/** Two of a kind have different grounds, the second one that of the user's Highlight. */
async function expectChosen(plain: Locator, chosen: Locator): Promise<void> {
  const ground = (part: Locator) => styleOf(part, 'background-color');
  const highlight = await chosen.page().evaluate(() => {
    const probe = document.body.appendChild(document.createElement('i'));
    probe.style.cssText = 'forced-color-adjust: none; background: Highlight';
    const { backgroundColor } = getComputedStyle(probe);
    probe.remove();
    return backgroundColor;
  });
  await expect.poll(() => ground(chosen)).toBe(highlight);
  expect(await ground(plain)).not.toBe(highlight);
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`what is chosen and what is a link, in forced colours, ${colorScheme}`, async ({
    page,
    request
  }) => {
    const { project, failed } = await seedNames(request);
    const panel = await openPanel(page, project);
    await page.emulateMedia({ forcedColors: 'active', colorScheme });

    const chips = panel.locator('.jp-mlrun-quick button');
    await expect(chips.first()).toHaveAttribute('aria-pressed', 'true');
    await expectChosen(chips.nth(1), chips.first());

    await execute(page, 'jupyter-mlrun:open-runs', {});
    const rows = page.locator('.jp-mlrun-table-row');
    await rows.nth(1).getByRole('checkbox').click();
    await expect(rows.nth(1)).toHaveAttribute('aria-selected', 'true');
    await page.mouse.move(0, 0);
    await expectChosen(rows.first(), rows.nth(1));

    await execute(page, 'jupyter-mlrun:open-run', { project, uid: failed });
    const links = page.locator('.jp-mlrun-runPanel .jp-mlrun-link > bdi');
    await links.first().waitFor();
    for (const link of await links.all()) {
      expect(await styleOf(link, 'text-decoration-line')).toBe('underline');
    }
    await page.screenshot({ path: `test-results/colours-${colorScheme}.png` });
  });
}

test('a link gets its line under the pointer', async ({ page, request }) => {
  const { project, failed } = await seedNames(request);
  await openPanel(page, project);
  await execute(page, 'jupyter-mlrun:open-run', { project, uid: failed });
  const link = page
    .locator('.jp-mlrun-runPanel .jp-mlrun-facts .jp-mlrun-link > bdi')
    .first();
  await link.waitFor();
  expect(await styleOf(link, 'text-decoration-line')).toBe('none');
  await link.hover();
  await expect
    .poll(() => styleOf(link, 'text-decoration-line'))
    .toBe('underline');
});
