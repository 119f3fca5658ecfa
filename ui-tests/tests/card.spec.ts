import { expect, test } from './fixture';
import {
  cardOf,
  makeNotebook,
  openNotebook,
  reloadNotebook,
  runToEnd,
  saveNotebook,
  startCell
} from './cells';
import { expectNoOverflow, useTheme } from './service';

const TRAIN = `%%mlrun cardtrain -p n=6 -o loss -o accuracy -o words:artifact
import os
for step in range(n * 4):
    context.log_result('loss', 1 / (step + 1), step=step, commit=True)
    context.log_progress(step + 1, n * 4)
    print('step', step, flush=True)
    time.sleep(0.1)
    while step == n * 2 and not os.path.exists('go'):
        time.sleep(0.1)
loss = 1 / 24
accuracy = 0.965
words = ['a', 'b']`;

const BROKEN = `%%mlrun cardbroken -p impute=none -o accuracy
total = 1

value = int('not a number')
accuracy = value`;

test('a card is live, keeps its height and survives a reload', async ({
  page,
  tmpPath
}) => {
  await makeNotebook(page, `${tmpPath}/card.ipynb`, [TRAIN]);
  await startCell(page, 1);
  const card = cardOf(page, 'cardtrain');
  await expect(card).toHaveAttribute('data-state', 'running', {
    timeout: 30000
  });
  await expect(card.getByRole('button', { name: 'Stop' })).toBeVisible();
  await expect(card.getByRole('log')).toContainText(/step \d/);
  await expect(card.locator('header')).toContainText('step 13 of 24');
  await expect(card.locator('header')).toContainText(/running \d+:\d\d/);
  await expect(card.getByRole('progressbar')).toHaveAttribute(
    'aria-valuenow',
    '54'
  );
  await expect(card.locator('dl').first()).toContainText(/n\s*6/);
  await expect(card.locator('.jp-mlrun-spark')).toHaveCount(1);
  const height = (await card.boundingBox())?.height;
  await useTheme(page, 'dark');
  await page.screenshot({ path: 'test-results/card-running-dark.png' });
  // the run waits for this, however long the looking took
  await page.contents.uploadContent('', 'text', `${tmpPath}/go`);
  await expect(card).toHaveAttribute('data-state', 'completed', {
    timeout: 60000
  });
  await expect(card).toContainText('0.9650');
  await expect(card).toContainText(/words\s*artifact \d+ B/);
  expect((await card.boundingBox())?.height).toBe(height);
  await expectNoOverflow(card.locator('header'));
  // the kernel writes the last word before the cell ends
  await expect(
    page.locator('.jp-Cell.jp-mod-active .jp-InputPrompt')
  ).toHaveText('[2]:');
  await saveNotebook(page);

  await reloadNotebook(page, `${tmpPath}/card.ipynb`);
  await expect(card).toHaveClass(/jp-mod-line/);
  await expect(card).toContainText(/cardtrain\s*\d+\.\d s/);
  await useTheme(page, 'light');
  await page.screenshot({ path: 'test-results/card-line-light.png' });
  await page.emulateMedia({ media: 'print' });
  await expect(card).toContainText('cardtrain');
  await expect(card.getByRole('button')).toHaveCount(0);
});

test('Stop ends the run, and Rerun starts another', async ({
  page,
  tmpPath
}) => {
  await makeNotebook(page, `${tmpPath}/stop.ipynb`, [
    '%%mlrun cardstop --no-wait\nprint("begun", flush=True)\ntime.sleep(60)'
  ]);
  await startCell(page, 1);
  const card = cardOf(page, 'cardstop');
  await expect(card.getByRole('log')).toContainText('begun', {
    timeout: 30000
  });
  await card.getByRole('button', { name: 'Stop' }).click();
  await expect(card).toHaveAttribute('data-state', 'aborted', {
    timeout: 30000
  });
  await card.getByRole('button', { name: 'Rerun', exact: true }).click();
  const again = card.locator('.jp-mlrun-card-message');
  await expect(again).toContainText(/Rerun: (pending|running)/, {
    timeout: 30000
  });
  await again.getByRole('button').click();
  const tab = page.locator('.jp-mlrun-runPanel');
  await tab.getByRole('button', { name: 'Stop', exact: true }).click();
  await expect(tab.locator('span[data-state=aborted]')).toBeVisible({
    timeout: 30000
  });
});

test('a failed card names the line and leads to it', async ({
  page,
  tmpPath
}) => {
  await makeNotebook(page, `${tmpPath}/broken.ipynb`, [BROKEN]);
  await runToEnd(page, 1, 'cardbroken', 'error');
  const card = cardOf(page, 'cardbroken');
  await expect(card).toContainText('ValueError: invalid literal for int()');
  await expect(card.locator('.jp-mlrun-error-frame .jp-mod-hit')).toContainText(
    "value = int('not a number')"
  );
  await expect(card).toContainText('This function has not completed before.');
  await page.screenshot({ path: 'test-results/card-failed-light.png' });
  await card.getByRole('button', { name: /line 4$/ }).click();
  const line = () =>
    page.evaluate(() => {
      const { shell } = (window as any).jupyterapp;
      const { activeCell } = shell.currentWidget.content;
      return activeCell.editor.getCursorPosition().line;
    });
  await expect.poll(line).toBe(3);
  await card.getByRole('button', { name: 'Log at error' }).click();
  const log = page.locator('.jp-mlrun-log');
  await expect(log.locator('.jp-mlrun-log-line.jp-mod-current')).toContainText(
    /Traceback|Error/
  );
});

test('a saved card is not trusted, and asks for nothing but what it shows', async ({
  page,
  tmpPath
}) => {
  const output = (data: object) => ({
    output_type: 'display_data',
    metadata: {},
    data: { 'application/vnd.jupyter-mlrun.run+json': data }
  });
  const cell = (id: string, data: object) => ({
    cell_type: 'code',
    id,
    execution_count: 1,
    metadata: {},
    source: 'x',
    outputs: [output(data)]
  });
  const snapshot = {
    name: '<img src=x onerror="window.hurt=1">',
    state: 'running'
  };
  const notebook = {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {},
    cells: [
      cell('a', { project: 'default', uid: '../../../api/contents', snapshot }),
      cell('b', { project: 'default', uid: 'deadbeef', snapshot })
    ]
  };
  const asked: string[] = [];
  page.on('request', request => {
    const url = new URL(request.url());
    if (url.pathname.includes('/mlrun/') || request.method() === 'POST') {
      asked.push(`${request.method()} ${url.pathname}`);
    }
  });
  await page.contents.uploadContent(
    JSON.stringify(notebook),
    'text',
    `${tmpPath}/hostile.ipynb`
  );
  await openNotebook(page, `${tmpPath}/hostile.ipynb`);
  await expect(page.getByText('This output names no run.')).toBeVisible();
  await expect(
    page.getByText('This run is not in the service any more')
  ).toBeVisible();
  expect(asked.filter(one => one.startsWith('POST /mlrun'))).toEqual([]);
  expect(asked.filter(one => /mlrun.*contents/.test(one))).toEqual([]);
  expect(
    await page.evaluate(() => (window as unknown as { hurt?: number }).hurt)
  ).toBeUndefined();
});

test('a page writes the last word of a run whose kernel is gone', async ({
  page,
  request,
  tmpPath
}) => {
  const path = `${tmpPath}/gone.ipynb`;
  await makeNotebook(page, path, [
    `%%mlrun cardgone --no-wait -o out
import os
while not os.path.exists('go'):
    time.sleep(0.1)
out = 5`
  ]);
  await startCell(page, 1);
  const card = cardOf(page, 'cardgone');
  await expect(card).toHaveAttribute('data-state', 'running', {
    timeout: 30000
  });
  await saveNotebook(page);
  await page.evaluate(() =>
    (window as any).jupyterapp.shell.currentWidget.sessionContext.shutdown()
  );
  await page.contents.uploadContent('', 'text', `${tmpPath}/go`);
  await expect(card).toHaveAttribute('data-state', 'completed', {
    timeout: 60000
  });
  const saved = async () => {
    await saveNotebook(page);
    const answer = await request.get(
      `${process.env.TARGET_URL}/api/contents/${path}`
    );
    return JSON.stringify((await answer.json()).content.cells[1].outputs);
  };
  await expect.poll(saved).toContain('cardgone completed in');
  expect(await saved()).not.toContain('running');
});
