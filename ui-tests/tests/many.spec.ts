import { execFileSync } from 'child_process';
import * as fs from 'fs';
import * as path from 'path';
import type { Locator, Page } from '@playwright/test';
import { expect, test } from './fixture';
import { newProject, openPanel, seedRun } from './service';

const own = path.join(__dirname, '..', '..', '.venv', 'bin', 'python');
const PYTHON = fs.existsSync(own) ? own : 'python';
const COUNT = 100_000;
const NAMES = 50;
const ROW = '.jp-mlrun-runs-row';
// what a person sees at once, and some rows more above and below
const MOST_ROWS = 60;

/** Put runs into the store of this worker's server: by requests it would take minutes. */
function fill(project: string): void {
  const { UI_HOME, TEST_PARALLEL_INDEX } = process.env;
  const store = path.join(
    UI_HOME!,
    `galata-${TEST_PARALLEL_INDEX}`,
    'data/mlrun/store.sqlite'
  );
  const tests = path.join(__dirname, '..');
  execFileSync(
    PYTHON,
    [path.join(tests, 'fill_runs.py'), store, project, String(COUNT)],
    { cwd: path.join(tests, '..'), env: { ...process.env, PYTHONPATH: '.' } }
  );
}

/** Rows that are in the page but lie outside their places, or are not what belongs there. */
async function wrongRows(panel: Locator): Promise<string[]> {
  return panel.locator(ROW).evaluateAll(
    (rows, names) =>
      rows
        .map(row => [
          Number((row as HTMLElement).dataset.index),
          row.textContent ?? ''
        ] as const)
        .filter(([index, text]) => !text.includes(`train-${index % names}`))
        .map(([index, text]) => `${index}: ${text}`),
    NAMES
  );
}

/** Note how long each frame of the page takes from now on. */
async function countFrames(page: Page): Promise<void> {
  await page.evaluate(() => {
    const noted: number[] = [];
    let last = performance.now();
    const note = (now: number) => {
      noted.push(now - last);
      last = now;
      requestAnimationFrame(note);
    };
    requestAnimationFrame(note);
    (window as any).mlrunFrames = noted;
  });
}

/** What the frames took, in words. */
async function frames(page: Page): Promise<string> {
  const noted: number[] = await page.evaluate(() =>
    (window as any).mlrunFrames.sort((a: number, b: number) => a - b)
  );
  const at = (part: number) =>
    noted[Math.floor((noted.length - 1) * part)].toFixed(0);
  return `${noted.length}, median ${at(0.5)} ms, p95 ${at(0.95)} ms, worst ${at(1)} ms`;
}

test('a hundred thousand runs are scrolled, jumped through and filtered', async ({
  page,
  request
}) => {
  const project = await newProject(request, 'many');
  fill(project);
  const panel = await openPanel(page, project);
  const grid = panel.getByRole('treegrid', { name: 'Runs' });
  await expect(grid).toHaveAttribute('aria-rowcount', String(COUNT));
  await expect(panel.locator(ROW).first()).toContainText('train-0');

  await grid.hover();
  await countFrames(page);
  for (let turn = 0; turn < 60; turn += 1) {
    await page.mouse.wheel(0, 300);
    expect(await panel.locator(ROW).count()).toBeLessThanOrEqual(MOST_ROWS);
  }
  console.log(`Frames while 100,000 runs scroll: ${await frames(page)}`);
  await expect.poll(() => wrongRows(panel)).toEqual([]);
  expect(await panel.locator(ROW).count()).toBeGreaterThan(5);

  // the bar is drawn into the middle: only what is looked at is asked for
  const asked: string[] = [];
  page.on('request', sent => {
    if (sent.url().includes('lab/runs?')) {
      asked.push(sent.url());
    }
  });
  await grid.evaluate(node => {
    node.scrollTop = node.scrollHeight / 2;
  });
  await expect
    .poll(async () => {
      const places = await panel
        .locator(ROW)
        .evaluateAll(rows =>
          rows.map(row => Number((row as HTMLElement).dataset.index))
        );
      return places.filter(
        index => Math.abs(index - COUNT / 2) < 100
      ).length;
    })
    .toBeGreaterThan(5);
  await expect.poll(() => wrongRows(panel)).toEqual([]);
  expect(asked.length).toBeGreaterThan(0);
  expect(asked.length).toBeLessThan(4);

  // the last run of all, by keyboard, and back to the first
  await panel.locator(ROW).last().focus();
  await page.keyboard.press('End');
  await expect(panel.locator(`[data-index="${COUNT - 1}"]`)).toBeFocused();
  await expect(panel.locator(`[data-index="${COUNT - 1}"]`)).toContainText(
    `train-${(COUNT - 1) % NAMES}`
  );

  // a filter at the end of the list shows its few runs at once
  const filter = panel.getByRole('combobox', { name: 'Filter' });
  await filter.fill('parameters.n_estimators<3');
  await expect(panel.locator(ROW)).toHaveCount(3);
  await filter.fill('');
  await expect(grid).toHaveAttribute('aria-rowcount', String(COUNT));
  await panel.locator(ROW).first().focus();
  await page.keyboard.press('Home');
  await expect(panel.locator('[data-index="0"]')).toBeFocused();

  // a run that comes while somebody is in the list waits, and then stands at the top
  await seedRun(request, project, { name: 'newest', ago: 0 });
  await panel.getByRole('button', { name: '1 new run' }).click();
  await expect(grid).toHaveAttribute('aria-rowcount', String(COUNT + 1));
  await expect(panel.locator('[data-index="0"]')).toContainText('newest');
  await page.screenshot({ path: 'test-results/many.png' });
});
