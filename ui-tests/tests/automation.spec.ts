import { expect, test } from './fixture';
import type { APIRequestContext } from '@playwright/test';
import {
  look,
  newProject,
  openPanel,
  openSection,
  seedRun
} from './service';

const API = `${process.env.TARGET_URL}/mlrun/api/v1`;

async function ask(
  request: APIRequestContext,
  method: string,
  path: string,
  data?: object
) {
  const answer = await request.fetch(`${API}/${path}`, { method, data });
  if (!answer.ok()) {
    throw new Error(`${method} ${path}: ${answer.status()} ${await answer.text()}`);
  }
  return answer;
}

/** A stored function and a schedule that runs it. */
async function schedule(
  request: APIRequestContext,
  project: string,
  name: string,
  cron: string
) {
  const code = Buffer.from(
    "def train(context, n=1):\n    context.log_result('accuracy', n / 4)\n"
  ).toString('base64');
  const stored = await ask(
    request,
    'POST',
    `projects/${project}/functions/train?versioned=true`,
    {
      kind: 'local',
      metadata: { name: 'train', project },
      spec: { default_handler: 'train', build: { functionSourceCode: code } }
    }
  );
  const { hash_key: hash } = await stored.json();
  await ask(request, 'POST', 'submit_job', {
    task: {
      metadata: { name, project },
      spec: {
        function: `${project}/train@${hash}`,
        handler: 'train',
        parameters: { n: 3 }
      }
    },
    schedule: cron
  });
}

test('schedules are shown, paused, changed and run', async ({
  page,
  request
}) => {
  const project = await newProject(request, 'automation');
  await schedule(request, project, 'nightly', 'CRON_TZ=Europe/Oslo 0 2 * * *');
  const panel = await openPanel(page, project);
  await openSection(panel, 'Automation');
  const row = panel.getByRole('row', { name: /^nightly, active/ });
  await expect(row).toContainText('every day at 02:00');

  await row.focus();
  await page.keyboard.press('p');
  await expect(
    panel.getByRole('row', { name: /^nightly, paused/ })
  ).toBeVisible();
  await page.keyboard.press('p');
  await expect(row).toBeVisible();
  await page.keyboard.press('Enter');

  const tab = page.locator('.jp-mlrun-objectPanel');
  await expect(tab.getByRole('list', { name: 'Next runs' }).getByRole('listitem')).toHaveCount(5);
  await expect(tab).toContainText('It has not run yet.');
  await tab.getByRole('button', { name: 'Run now' }).click();
  await tab.getByRole('button', { name: 'Open the last run' }).waitFor();
  await look(page, 'schedule');

  await tab.getByRole('tab', { name: 'Settings' }).click();
  const cron = tab.getByRole('textbox', { name: 'Cron' });
  await cron.fill('0 0 30 2 *');
  await expect(tab.locator('.jp-mlrun-field-problem')).toBeVisible();
  await cron.fill('30 17 * * mon-fri');
  await expect(tab).toContainText('Monday to Friday at 17:30');
  await expect(tab.getByRole('list', { name: 'Next runs' }).getByRole('listitem')).toHaveCount(5);
  await look(page, 'schedule-settings');
  await tab.getByRole('button', { name: 'Save' }).click();
  await expect(tab.locator('.jp-mlrun-facts')).toContainText('Monday to Friday');

  await tab.getByRole('tab', { name: 'History' }).click();
  await expect(
    tab.getByRole('table', { name: 'Runs of the schedule' }).getByRole('row')
  ).toHaveCount(2);
});

test('an alert shows why it is active and is reset', async ({
  page,
  request
}) => {
  const project = await newProject(request, 'alerts');
  await ask(request, 'PUT', `projects/${project}/alerts/train-fails`, {
    project,
    name: 'train-fails',
    summary: 'Runs of train fail',
    severity: 'high',
    entities: { kind: 'job', project, ids: ['*'] },
    trigger: { events: ['failed'] },
    criteria: { count: 1, period: '10m' },
    reset_policy: 'manual',
    notifications: [
      {
        notification: {
          kind: 'webhook',
          name: 'hook',
          message: 'a run failed',
          severity: 'warning',
          when: ['error'],
          condition: '',
          secret_params: { url: 'https://hooks.invalid/x' }
        }
      }
    ]
  });
  const panel = await openPanel(page, project);
  await openSection(panel, 'Monitoring');
  await expect(panel.getByRole('row', { name: /^train-fails, quiet/ })).toBeVisible();
  await ask(request, 'POST', `projects/${project}/events/failed`, {
    kind: 'failed',
    entity: { kind: 'job', project, ids: [`train.${'a'.repeat(32)}`] },
    value_dict: {}
  });
  const row = panel.getByRole('row', { name: /^train-fails, active/ });
  await expect(row).toBeVisible();
  await row.dblclick();
  const tab = page.locator('.jp-mlrun-objectPanel');
  await expect(tab).toContainText('Runs of train fail');
  await expect(tab).toContainText('when it is reset by hand');
  await tab.getByRole('tab', { name: /^Activations/ }).click();
  const activations = tab.getByRole('table', { name: 'Activations' });
  await expect(activations.getByRole('row')).toHaveCount(2);
  // nobody answers there: it is tried again, and is not said to be sent
  await expect(activations).toContainText('webhook: not sent yet');
  await page.screenshot({ path: 'test-results/alert-light.png' });
  expect(await tab.innerText()).not.toContain('https://hooks.invalid/x');
  await tab.getByRole('tab', { name: /^Notifications/ }).click();
  const told = tab.getByRole('table', { name: 'Notifications' });
  await expect(told).toContainText('webhook');
  await expect(told).toContainText('hook');
  expect(await tab.innerText()).not.toContain('hooks.invalid/x');
  await tab.getByRole('button', { name: 'Reset' }).click();
  await expect(panel.getByRole('row', { name: /^train-fails, quiet/ })).toBeVisible();
});

test('a project has settings, members and names of secrets', async ({
  page,
  request
}) => {
  const project = await newProject(request, 'settings');
  await seedRun(request, project, {
    name: 'broken',
    state: 'error',
    status: { error: 'ValueError: no' }
  });
  const panel = await openPanel(page, project);
  await panel.getByRole('button', { name: project }).click();
  await panel.getByRole('button', { name: 'Project settings' }).click();
  const tab = page.locator('.jp-mlrun-objectPanel');
  await expect(tab.getByRole('table', { name: 'Last failures' })).toContainText('broken');

  await tab.getByRole('tab', { name: 'Settings' }).click();
  await tab.getByRole('textbox', { name: 'Description' }).fill('What it is for');
  await page.keyboard.press('Enter');
  await expect(tab.locator('.jp-mlrun-facts')).toContainText('What it is for');

  await tab.getByRole('tab', { name: 'Members' }).click();
  await expect(tab).toContainText('roles do not hold here');

  await tab.getByRole('tab', { name: 'Secrets' }).click();
  await expect(tab).toContainText('by name: %%mlrun train --secret NAME.');
  await expect(tab).toContainText('This project has no secrets.');
  await tab.getByRole('textbox', { name: 'Name of the secret' }).fill('DB_PASSWORD');
  await tab.getByLabel('Value of the secret').fill('not-to-be-seen');
  await page.keyboard.press('Enter');
  const names = tab.getByRole('list', { name: 'Secret names' });
  await expect(names).toContainText('DB_PASSWORD');
  await page.screenshot({ path: 'test-results/project-secrets-light.png' });
  expect(await page.content()).not.toContain('not-to-be-seen');
  await names.getByRole('button', { name: 'Delete DB_PASSWORD' }).click();
  const question = page.locator('.jp-Dialog');
  await expect(question).toContainText('cannot be recovered');
  await question.getByRole('button', { name: 'Delete' }).click();
  await expect(tab).toContainText('This project has no secrets.');
});

test('an alert is made by hand', async ({ page, request }) => {
  const project = await newProject(request, 'newalert');
  const panel = await openPanel(page, project);
  await openSection(panel, 'Monitoring');
  await panel.getByRole('button', { name: 'New alert…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Name' }).fill('No Name');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog).toContainText('small letters, digits and -');
  await dialog.getByRole('textbox', { name: 'Name' }).fill('train-fails');
  await dialog.getByRole('textbox', { name: 'Runs of' }).fill('train');
  await dialog.getByRole('textbox', { name: 'Within' }).fill('10m');
  await dialog.getByRole('combobox', { name: 'Listens again' }).selectOption('manual');
  await dialog
    .getByRole('textbox', { name: 'URL' })
    .fill('https://hooks.invalid/x');
  await page.screenshot({ path: 'test-results/new-alert-light.png' });
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(page.locator('h1').filter({ hasText: 'train-fails' })).toBeVisible();
  await expect(panel.getByRole('row', { name: /^train-fails, quiet/ })).toBeVisible();
  await ask(request, 'POST', `projects/${project}/events/failed`, {
    kind: 'failed',
    entity: { kind: 'job', project, ids: ['train'] },
    value_dict: {}
  });
  await expect(panel.getByRole('row', { name: /^train-fails, active/ })).toBeVisible();
});
