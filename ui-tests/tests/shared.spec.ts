// Not galata: the Lab in front of a service of many users has a server of its own.
import { execFileSync, spawn } from 'child_process';
import type { ChildProcess } from 'child_process';
import * as fs from 'fs';
import * as net from 'net';
import * as path from 'path';
import { expect, test } from '@playwright/test';
import type { APIRequestContext } from '@playwright/test';
import { execute, openPanel } from './service';

const own = path.join(__dirname, '..', '..', '.venv', 'bin', 'jupyter');
const JUPYTER = fs.existsSync(own) ? own : 'jupyter';

function freePort(): Promise<number> {
  return new Promise(found => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => found(port));
    });
  });
}

/** The environment of a server that shares nothing with any other. */
function environment(name: string, more: Record<string, string>) {
  const home = fs.mkdtempSync(path.join(process.env.UI_HOME!, `${name}-`));
  const inherited = Object.entries(process.env).filter(
    ([key]) => !/^(MLRUN_|JUPYTER)/.test(key)
  );
  return {
    ...Object.fromEntries(inherited),
    HOME: home,
    JUPYTER_CONFIG_DIR: `${home}/config`,
    JUPYTER_DATA_DIR: `${home}/data`,
    JUPYTER_RUNTIME_DIR: `${home}/runtime`,
    JUPYTERLAB_SETTINGS_DIR: `${home}/settings`,
    JUPYTERLAB_WORKSPACES_DIR: `${home}/workspaces`,
    ...more
  };
}

const running = new Set<ChildProcess>();
// a worker that is ended in the middle of a test ends what it has started
process.once('exit', () => running.forEach(child => child.kill('SIGKILL')));

/** A server with what it says in a file of its home; `ended` when it has. */
function serve(args: readonly string[], env: NodeJS.ProcessEnv) {
  const said = fs.openSync(path.join(env.HOME!, 'output.log'), 'a');
  const child = spawn(JUPYTER, args, { env, stdio: ['ignore', said, said] });
  fs.closeSync(said);
  running.add(child);
  const ended = new Promise<void>(done => {
    const over = () => {
      running.delete(child);
      done();
    };
    child.once('exit', over);
    child.once('error', over); // it has not even begun
  });
  return { child, ended };
}

async function answers(request: APIRequestContext, url: string): Promise<void> {
  await expect
    .poll(
      async () => {
        try {
          return (await request.get(url)).status();
        } catch {
          return 0; // not listening yet
        }
      },
      { timeout: 60000 }
    )
    .toBe(200);
}

test('members of a shared service: who may what is shown, given and taken', async ({
  page,
  request
}) => {
  test.slow();
  const started: ReturnType<typeof serve>[] = [];
  try {
    const [port, labPort] = [await freePort(), await freePort()];
    const env = environment('service', {});
    const tokens = Object.fromEntries(
      ['ann', 'bob'].map(user => {
        const said = execFileSync(
          JUPYTER,
          ['mlrun', 'token', 'create', user],
          { env, encoding: 'utf8' }
        );
        return [user, /\bmlru\w+/.exec(said)![0]];
      })
    );
    const service = `http://127.0.0.1:${port}/mlrun`;
    const lab = `http://127.0.0.1:${labPort}`;
    const labEnv = environment('lab', {
      JUPYTER_MLRUN_REMOTE_TOKEN: tokens.ann
    });
    started.push(
      serve(['mlrun', 'serve', `--port=${port}`], env),
      serve(
        [
          'lab',
          '--no-browser',
          '--allow-root',
          `--port=${labPort}`,
          '--ServerApp.port_retries=0',
          `--ServerApp.root_dir=${labEnv.HOME}`,
          '--LabApp.expose_app_in_browser=True',
          '--IdentityProvider.token=lab-token',
          `--MLRunServerApp.remote_url=${service}`
        ],
        labEnv
      )
    );
    await answers(request, `${service}/api/healthz`);
    await answers(request, `${lab}/api`);
    const as = async (
      user: string,
      method: string,
      place: string,
      data?: object
    ) => {
      const answer = await request.fetch(`${service}/api/v1/${place}`, {
        method,
        data,
        headers: { Authorization: `Bearer ${tokens[user]}` }
      });
      return answer.status();
    };
    for (const [user, project] of [
      ['ann', 'tides'],
      ['bob', 'winds']
    ]) {
      const metadata = { name: project };
      expect(await as(user, 'POST', 'projects', { metadata })).toBeLessThan(300);
    }
    await page.goto(`${lab}/lab/workspaces/shared?token=lab-token`);
    await page.waitForFunction(() => 'jupyterapp' in window);
    await page.evaluate(() => (window as any).jupyterapp.restored);

    await openPanel(page, 'tides');
    const open = async (project: string, section: string) => {
      await execute(page, 'jupyter-mlrun:open-project', {
        project,
        name: project
      });
      const tab = page
        .locator('.jp-mlrun-objectPanel')
        .filter({ visible: true });
      await tab.getByRole('tab', { name: section }).click();
      return tab;
    };
    const tab = await open('tides', 'Members');
    const members = tab.getByRole('table', { name: 'Members' });
    await expect(members.getByRole('row', { name: /^ann/ })).toBeVisible();
    await expect(tab).not.toContainText('roles do not hold here');
    const run = 'run/tides/abc0123?iter=0';
    const document = {
      metadata: { name: 'x', uid: 'abc0123', project: 'tides' },
      status: { state: 'completed' }
    };
    expect(await as('bob', 'GET', 'projects/tides')).toBe(403);

    await tab.getByRole('textbox', { name: 'Name of the member' }).fill('bob');
    await page.keyboard.press('Enter');
    const bob = members.getByRole('row', { name: /^bob/ });
    await expect(bob.getByRole('combobox')).toHaveValue('viewer');
    expect(await as('bob', 'GET', 'projects/tides')).toBe(200);
    expect(await as('bob', 'POST', run, document)).toBe(403);
    await bob.getByRole('combobox').selectOption('editor');
    await expect
      .poll(() => as('bob', 'POST', run, document))
      .toBeLessThan(300);
    await page.screenshot({ path: 'test-results/members-light.png' });
    await bob.getByRole('button', { name: 'Remove bob' }).click();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: 'Remove' })
      .click();
    await expect(bob).toBeHidden();
    expect(await as('bob', 'GET', 'projects/tides')).toBe(403);

    // where one may only read, what one may not do is not offered, or is refused with a sentence
    const role = { role: 'viewer' };
    const place = 'lab/projects/winds/members/user/ann';
    expect(await as('bob', 'PUT', place, role)).toBeLessThan(300);
    const foreign = await open('winds', 'Members');
    await expect(
      foreign.getByRole('combobox', { name: 'Role of bob' })
    ).toBeDisabled();
    await expect(
      foreign.getByRole('textbox', { name: 'Name of the member' })
    ).toHaveCount(0);
    await foreign.getByRole('tab', { name: 'Secrets' }).click();
    await expect(foreign.getByRole('alert')).toContainText(/viewer|may not/);
    await expect(
      foreign.getByRole('textbox', { name: 'Name of the secret' })
    ).toHaveCount(0);
    await page.screenshot({ path: 'test-results/forbidden-light.png' });
  } finally {
    started.forEach(({ child }) => child.kill('SIGTERM'));
    await Promise.all(started.map(({ ended }) => ended));
  }
});
