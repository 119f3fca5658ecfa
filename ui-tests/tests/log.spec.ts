import { expect, test } from './fixture';
import { cardOf, makeNotebook, runToEnd, startCell } from './cells';
import { execute, expectNoOverflow, useTheme } from './service';

const PLACES = `%%mlrun logplaces
import sys, pathlib
pathlib.Path('other.py').write_text('a = 1\\nb = 2\\nc = 3\\n')
print('  File "' + str(pathlib.Path('other.py').resolve()) + '", line 3, in c')

raise KeyError('gone')`;

const LONG = `%%mlrun loglong
for number in range(1, 3001):
    if number in (700, 2100):
        print('ValueError: odd one', number)
    elif number == 5:
        print('\\x1b[32mgreen\\x1b[0m \\x1b[1mbold\\x1b[0m <b>not markup</b>')
    elif number == 6:
        print('10%\\r50%\\r100% done')
    else:
        print('line', number)`;

const FOLLOWED = `%%mlrun logfollow --no-wait
import itertools, os
for number in itertools.count():
    print('tick', number, flush=True)
    time.sleep(0.05)
    if os.path.exists('enough'):
        break
print('the end')`;

test('a long log: numbers, colours, search, problems', async ({
  page,
  tmpPath
}) => {
  await makeNotebook(page, `${tmpPath}/log.ipynb`, [LONG]);
  const uid = await runToEnd(page, 1, 'loglong');
  await execute(page, 'jupyter-mlrun:open-log', { project: 'default', uid });
  const log = page.locator('.jp-mlrun-log');
  await expect(log.locator('.jp-mlrun-foot')).toContainText('3,000 lines');
  await expect(log.locator('.jp-mlrun-foot')).toContainText('2 problems');
  expect(await log.locator('.jp-mlrun-log-row').count()).toBeLessThan(100);
  await expect(log.locator('.jp-mlrun-ansi-green')).toHaveText('green');
  await expect(log).toContainText('<b>not markup</b>');
  await expect(log).toContainText('100% done');
  await expect(log).not.toContainText('50%');
  await expect(
    log.locator('.jp-mlrun-log-line').first().locator('u')
  ).toHaveText(/^\d\d:\d\d:\d\d$/);
  await useTheme(page, 'dark');
  await page.screenshot({ path: 'test-results/log-dark.png' });

  await log.getByRole('log').focus();
  await page.keyboard.press('F8');
  const current = log.locator('.jp-mlrun-log-line.jp-mod-current');
  await expect(current).toContainText('odd one 700');
  await page.keyboard.press('F8');
  await expect(current).toContainText('odd one 2100');

  await log.getByRole('textbox').fill('LINE 2999');
  await expect(current).toContainText('line 2999');
  await expect(log.locator('.jp-mlrun-log-matches')).toHaveText('1 of 1');
  await expect(log.locator('mark')).toHaveText('line 2999');
  await log.getByRole('button', { name: 'Match case' }).click();
  await expect(log.locator('.jp-mlrun-log-matches')).toHaveText('no match');

  // a long reason gives way in a narrow bar: nothing of the search is pushed out of its frame
  const search = log.locator('.jp-mlrun-log-search');
  await search.evaluate(node => (node.style.width = '250px'));
  await search.evaluate(node => (node.style.flex = 'none'));
  await log.getByRole('textbox').fill('(?P<name>a)(?P<name>b)');
  await log.getByRole('button', { name: 'Regular expression' }).click();
  await expect(log.locator('.jp-mlrun-log-matches')).toHaveText(/name/);
  await expectNoOverflow(search);
  await search.evaluate(node => node.removeAttribute('style'));

  await log.getByRole('textbox').fill('');
  await log.getByLabel('Lines to show').selectOption('Problems');
  await expect(log.locator('.jp-mlrun-log-row')).toHaveCount(2);
  await log.getByRole('button', { name: '2100', exact: true }).click();
  await expect(current).toContainText('odd one 2100');
  await expect(log.getByLabel('Lines to show')).toHaveValue('all');

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    log.getByRole('button', { name: 'Download the log' }).click()
  ]);
  expect(download.suggestedFilename()).toBe(`default-${uid}.log`);
});

test('a log that grows is followed until the user scrolls up', async ({
  page,
  tmpPath
}) => {
  await makeNotebook(page, `${tmpPath}/follow.ipynb`, [FOLLOWED]);
  await startCell(page, 1);
  const card = cardOf(page, 'logfollow');
  await expect(card.getByRole('log')).toContainText('tick', { timeout: 30000 });
  await card.getByRole('button', { name: 'Log' }).click();
  const log = page.locator('.jp-mlrun-log');
  await expect(log).toContainText('tick 120');
  await log.getByRole('log').hover();
  await page.mouse.wheel(0, -600);
  const pill = log.locator('.jp-mlrun-log-pill');
  await expect(pill).toContainText(/new line/);
  await pill.click();
  await expect(pill).toBeHidden();
  await page.contents.uploadContent('', 'text', `${tmpPath}/enough`);
  await expect(log).toContainText('the end');
});

test('a line of a log leads to the cell and to the file that it names', async ({
  page,
  tmpPath
}) => {
  await makeNotebook(page, `${tmpPath}/places.ipynb`, [PLACES]);
  const uid = await runToEnd(page, 1, 'logplaces', 'error');
  await execute(page, 'jupyter-mlrun:open-log', { project: 'default', uid });
  const log = page.locator('.jp-mlrun-log');
  const cursor = () =>
    page.evaluate(() => {
      const { content } = (window as any).jupyterapp.shell.currentWidget;
      const editor = content.activeCell?.editor ?? content.editor;
      return editor?.getCursorPosition().line;
    });
  await log.getByRole('button', { name: /<cell logplaces>", line 6/ }).click();
  await expect(page.locator('.jp-Cell.jp-mod-active')).toContainText(
    'logplaces'
  );
  await expect.poll(cursor).toBe(5);
  await execute(page, 'jupyter-mlrun:open-log', { project: 'default', uid });
  await log.getByRole('button', { name: /other\.py", line 3/ }).click();
  await expect(page.locator('.jp-FileEditor')).toContainText('c = 3');
  await expect.poll(cursor).toBe(2);

  // a command of the palette is about the run in front
  await execute(page, 'jupyter-mlrun:open-run', { project: 'default', uid });
  await expect(page.locator('.jp-mlrun-runPanel h1')).toHaveText('logplaces');
  await execute(page, 'jupyter-mlrun:edit-and-rerun');
  await expect(page.locator('.jp-mlrun-form')).toContainText('logplaces');
});
