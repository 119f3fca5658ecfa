import type { Locator, Page } from '@playwright/test';
import { expect, test } from './fixture';
import { faults } from './geometry';
import { INamed, LONG, NAME, seedNames } from './names';
import { execute, openPanel, openSection } from './service';

const soft = expect.configure({ soft: true, timeout: 5000 });
const OBJECT = '.jp-mlrun-objectPanel';

/** Looks at a part of the page: a picture of it, and what is expected of it. */
type Look = (name: string, part: Locator) => Promise<void>;

/** Look at what is right in a picture of the page, again until it has settled. */
function lookAt(
  page: Page,
  condition: string,
  find: (part: Locator) => Promise<string[]>
): Look {
  return async (name, part) => {
    await expect(
      part.locator('.jp-mlrun-skeleton-row, [aria-busy=true]')
    ).toHaveCount(0);
    await soft.poll(() => find(part), `${condition}: ${name}`).toEqual([]);
    await page.screenshot({
      path: `test-results/checklist-${condition}-${name}.png`
    });
  };
}

/** No tab stands beside another. */
async function oneAtATime(page: Page): Promise<void> {
  await page.evaluate(() => {
    (window as any).jupyterapp.shell.mode = 'single-document';
  });
}

/** Open something in a tab that has the main area for itself. */
async function openAlone(page: Page, command: string, args: object) {
  await execute(page, 'application:close-all');
  await execute(page, `jupyter-mlrun:${command}`, args);
}

/** The narrowest side panel beside a tab of 480, in a font that is wide. */
async function makeNarrow(page: Page): Promise<void> {
  await page.evaluate(() => {
    const { style } = document.body;
    style.setProperty('--jp-ui-font-family', "'DejaVu Sans'");
    style.setProperty('--jp-content-font-family', "'DejaVu Sans'");
    style.setProperty('--jp-code-font-family', "'DejaVu Sans Mono'");
  });
  const panel = page.locator('#jupyter-mlrun-panel');
  const main = page.locator('#jp-main-dock-panel');
  const widthOf = async (part: Locator) =>
    Math.round((await part.boundingBox())?.width ?? 0);
  await page.evaluate(() => {
    const split = (window as any).jupyterapp.shell._hsplitPanel;
    split.setRelativeSizes([240, split.node.clientWidth - 240, 0]);
  });
  // Lab gives it 250 pixels at least
  await expect.poll(() => widthOf(panel)).toBeLessThanOrEqual(250);
  const { width, height } = page.viewportSize()!;
  const others = width - (await widthOf(main));
  await page.setViewportSize({ width: others + 480, height });
  await expect.poll(() => widthOf(panel)).toBeLessThanOrEqual(250);
  expect(Math.abs((await widthOf(main)) - 480)).toBeLessThan(8);
}

/** Every section of the side panel, one at a time. */
async function walkPanel(page: Page, look: Look): Promise<void> {
  const panel = page.locator('#jupyter-mlrun-panel');
  const row = panel.locator('.jp-mlrun-runs-row').filter({ visible: true });
  await row.nth(1).hover();
  await look('panel-runs', panel);
  await panel.locator('.jp-mlrun-switcher-button').click();
  await look('panel-projects', panel.locator('.jp-mlrun-switcher-list'));
  await page.keyboard.press('Escape');
  await openSection(panel, 'Runs');
  for (const title of [
    'Artifacts',
    'Functions',
    'Automation',
    'Monitoring',
    'Runs'
  ]) {
    await openSection(panel, title);
    await row.first().waitFor();
    await look(`panel-${title.toLowerCase()}`, panel);
    if (title !== 'Runs') {
      await openSection(panel, title);
    }
  }
}

async function walkSections(
  name: string,
  tab: Locator,
  look: Look,
  only?: RegExp
): Promise<void> {
  await tab.getByRole('heading', { level: 1 }).waitFor();
  for (const section of await tab.getByRole('tab').all()) {
    const word = (await section.innerText()).replace(/\W/g, '').toLowerCase();
    if (!only || only.test(word)) {
      await section.click();
      await look(`${name}-${word}`, tab);
    }
  }
}

async function walkRuns(page: Page, look: Look, named: INamed): Promise<void> {
  const { project, failed, swept, others } = named;
  await openAlone(page, 'open-runs', {});
  const table = page.locator('.jp-mlrun-table');
  const rows = table.locator('.jp-mlrun-table-row');
  for (const row of [rows.nth(1), rows.nth(2)]) {
    await row.getByRole('checkbox').click();
  }
  await look('table', table);
  const tab = page.locator('.jp-mlrun-runPanel');
  await openAlone(page, 'open-run', { project, uid: failed });
  await walkSections('run', tab, look);
  await openAlone(page, 'open-run', { project, uid: swept });
  await walkSections('sweep', tab, look, /overview|iterations/);
  await openAlone(page, 'open-log', { project, uid: failed });
  const log = page.locator('.jp-mlrun-logPanel');
  await log.getByRole('textbox').fill('step 1');
  await expect(log.locator('mark.jp-mod-current')).toHaveText('step 1');
  await look('log', log);
  const runs = [failed, ...others].map(uid => ({ project, uid }));
  await openAlone(page, 'compare', { runs });
  await page.locator('.jp-mlrun-chart').waitFor();
  await look('compare', page.locator('.jp-mlrun-compare'));
}

async function walkForm(page: Page, look: Look, named: INamed): Promise<void> {
  const { project } = named;
  await openAlone(page, 'run-form', { project, name: NAME });
  const form = page.locator('.jp-mlrun-form');
  await form.getByLabel('n', { exact: true }).waitFor();
  await look('form', form);
  await form.getByRole('button', { name: 'on a schedule' }).click();
  await expect(form.getByRole('listitem')).toHaveCount(5);
  await form.getByLabel('Cron').scrollIntoViewIfNeeded();
  await look('form-schedule', form);
}

async function walkObjects(page: Page, look: Look, named: INamed) {
  const { project } = named;
  for (const [command, name] of [
    ['open-function', NAME],
    ['open-artifact', LONG],
    ['open-artifact', 'model'],
    ['open-schedule', NAME],
    ['open-alert', LONG],
    ['open-project', project]
  ]) {
    const word = name === 'model' ? name : command.replace('open-', '');
    await openAlone(page, command, { project, name });
    await walkSections(word, page.locator(OBJECT), look);
  }
}

for (const [condition, prepare] of Object.entries({
  narrow: makeNarrow,
  'right-to-left': async (page: Page) => {
    await page.evaluate(() => (document.documentElement.dir = 'rtl'));
    await makeNarrow(page);
  }
})) {
  test(`long names in every script, ${condition}`, async ({
    page,
    request
  }) => {
    const named = await seedNames(request);
    await openPanel(page, named.project);
    await oneAtATime(page);
    await prepare(page);
    const look = lookAt(page, condition, faults);
    await walkPanel(page, look);
    await walkRuns(page, look, named);
    await walkForm(page, look, named);
    await walkObjects(page, look, named);
  });
}
