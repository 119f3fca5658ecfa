import type { Locator } from '@playwright/test';
import { expect, test } from './fixture';
import { makeNotebook, runToEnd } from './cells';
import { execute, useTheme } from './service';

test('a run is repeated with other values', async ({ page, tmpPath }) => {
  await makeNotebook(page, `${tmpPath}/form.ipynb`, [
    '%%mlrun formtrain -p n=3 -p "name=two words" -p sizes=[1,2] -o out\nout = n * 2'
  ]);
  const uid = await runToEnd(page, 1, 'formtrain');
  await execute(page, 'jupyter-mlrun:edit-and-rerun', {
    project: 'default',
    uid
  });
  const form = page.locator('.jp-mlrun-form');
  const line = form.locator('.jp-mlrun-form-line');
  await expect(form.getByLabel('n', { exact: true })).toHaveValue('3');
  await expect(form.getByLabel('sizes')).toHaveValue('[1,2]');
  await form.getByLabel('n', { exact: true }).fill('many');
  await form.getByRole('button', { name: 'Rerun' }).click();
  await expect(form.getByLabel('n', { exact: true })).toBeFocused();
  await expect(form).toContainText(/This is a (whole )?number/);
  await useTheme(page, 'dark');
  await page.screenshot({ path: 'test-results/form-dark.png' });

  await form.getByLabel('n', { exact: true }).fill('21');
  await expect(form).toContainText('was 3');
  await expect(form).toContainText('1 value changed from that run');
  await expect(line).toContainText('%mlrun run formtrain -p n=21');
  await form.getByRole('button', { name: 'Rerun' }).click();
  const tab = page.locator('.jp-mlrun-runPanel');
  await expect(tab.locator('span[data-state=completed]')).toBeVisible({
    timeout: 30000
  });
  await expect(tab.getByRole('row', { name: /^out 42/ })).toBeVisible();
});

test('a function is run by the clock from the form', async ({
  page,
  tmpPath
}) => {
  const name = `clock-${Date.now().toString(36)}`;
  await makeNotebook(page, `${tmpPath}/clock.ipynb`, [
    `%%mlrun ${name} -p n=3 -o out\nout = n * 2`
  ]);
  const uid = await runToEnd(page, 1, name);
  await execute(page, 'jupyter-mlrun:edit-and-rerun', {
    project: 'default',
    uid
  });
  const form = page.locator('.jp-mlrun-form');
  await form.getByLabel('n', { exact: true }).fill('5');
  await form.getByRole('button', { name: 'on a schedule' }).click();
  await form.getByLabel('Cron').fill('99 * * * *');
  await form.getByRole('button', { name: 'Save schedule' }).click();
  await expect(form).toContainText('Nothing was scheduled');
  await form.getByLabel('Cron').fill('30 6 * * mon');
  await form.getByLabel('Time zone').fill('Europe/Oslo');
  await expect(form).toContainText('every Monday at 06:30');
  await expect(form.locator('.jp-mlrun-form-line')).toContainText(
    `%mlrun schedule ${name} "CRON_TZ=Europe/Oslo 30 6 * * mon" -p n=5`
  );
  await page.screenshot({ path: 'test-results/form-schedule-light.png' });
  // beside other tabs it is narrow: what is typed stays in sight
  const width = async (part: Locator) => (await part.boundingBox())!.width;
  const wide = await width(form);
  await page.setViewportSize({ width: 800, height: 600 });
  await expect.poll(() => width(form)).toBeLessThan(wide);
  expect(await width(form.getByLabel('Cron'))).toBeGreaterThan(120);
  await page.screenshot({ path: 'test-results/form-schedule-narrow.png' });
  await page.setViewportSize({ width: 1280, height: 720 });
  await form.getByRole('button', { name: 'Save schedule' }).click();
  await expect(form).toBeHidden();
  await expect(page.locator('h1').filter({ hasText: name })).toBeVisible();
  const answer = await page.request.get(
    `${process.env.TARGET_URL}/mlrun/api/v1/projects/default/schedules/${name}`
  );
  const schedule = await answer.json();
  expect(schedule.scheduled_object.task.spec.parameters).toEqual({ n: 5 });
  expect(schedule.cron_trigger.timezone).toBe('Europe/Oslo');
  await page.request.delete(
    `${process.env.TARGET_URL}/mlrun/api/v1/projects/default/schedules/${name}`
  );
});
