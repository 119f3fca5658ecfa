import { nullTranslator } from '@jupyterlab/translation';
import React, { act } from 'react';
import type { IRun } from '../../api/documents';
import type { IProject } from '../../api/projects';
import type { ObjectModel } from '../../models/objectModel';
import { scheduleRun } from '../../panels/automation/newSchedule';
import { Members } from '../../panels/project/members';
import { Secrets } from '../../panels/project/secrets';
import { ProjectSettings } from '../../panels/project/settings';
import type { IProjectTab } from '../../panels/project/tab';
import { IAsked, makeService, pause } from '../models/answers';
import { mounted } from '../mounted';

const page = mounted();

/** A button of the page or of the open dialog, by its words or its name. */
async function press(name: string) {
  await act(async () => {
    const found = [...document.querySelectorAll('button')].find(
      button =>
        button.textContent === name ||
        button.getAttribute('aria-label') === name
    );
    if (!found) {
      throw new Error(`no button ${name}: ${document.body.innerHTML}`);
    }
    found.click();
    await pause(50);
  });
}

async function draw(
  View: React.ComponentType<IProjectTab>,
  answer: (asked: IAsked) => unknown
) {
  const made = makeService(answer);
  const model = {
    service: made.service,
    ref: { project: 'p', name: 'p' },
    act: (action: () => Promise<unknown>) => action()
  } as unknown as ObjectModel<IProject>;
  const project = { metadata: { name: 'p' }, spec: {} } as IProject;
  await page.draw(<View {...({ model, project } as IProjectTab)} />);
  await act(() => pause(50));
  const sent = (method: string) =>
    made.asked.filter(one => one.method === method);
  return { sent };
}

it('deletes a secret only when that is confirmed', async () => {
  const { sent } = await draw(Secrets, ({ method }) =>
    method === 'GET' ? { secret_keys: ['TOKEN'] } : {}
  );
  await press('Delete TOKEN');
  await press('Keep it');
  expect(sent('DELETE')).toHaveLength(0);
  await press('Delete TOKEN');
  expect(sent('DELETE')).toHaveLength(0);
  await press('Delete');
  expect(sent('DELETE')).toHaveLength(1);
});

it('removes a member only when that is confirmed', async () => {
  const member = { kind: 'user', name: 'ana', role: 'admin' };
  const { sent } = await draw(Members, ({ method }) =>
    method === 'GET' ? { enforced: true, role: 'admin', members: [member] } : {}
  );
  await press('Remove ana');
  await press('Keep the member');
  expect(sent('DELETE')).toHaveLength(0);
  await press('Remove ana');
  await press('Remove');
  expect(sent('DELETE').map(one => one.path)).toEqual([
    expect.stringContaining('user/ana')
  ]);
});

it('saves settings by the submission of the form, once', async () => {
  const { sent } = await draw(ProjectSettings, () => ({}));
  const field = page.host.querySelector('input')!;
  await act(async () => {
    Object.getOwnPropertyDescriptor(
      HTMLInputElement.prototype,
      'value'
    )!.set!.call(field, 'What it is for');
    field.dispatchEvent(new Event('input', { bubbles: true }));
  });
  // a browser submits on Enter where the form has such a button
  const save = page.host.querySelector<HTMLButtonElement>('[type=submit]');
  expect(save?.textContent).toBe('Save');
  await press('Save');
  expect(sent('PATCH').length + sent('PUT').length).toBe(1);
});

describe('scheduleRun', () => {
  const run = {
    metadata: { name: 'train', project: 'p', uid: 'u1' },
    spec: {
      function: 'p/train@abc',
      handler: 'train',
      secret_sources: [{ kind: 'project', source: 'TOKEN' }],
      notifications: [{ kind: 'mail', name: 'mail', when: ['error'] }]
    },
    status: { state: 'completed' }
  } as unknown as IRun;
  const trans = nullTranslator.load('jupyter_mlrun');

  async function schedule(known: boolean, last: string | null) {
    const { service, asked } = makeService(({ method, path }) =>
      method === 'GET' && path.endsWith('schedules/train')
        ? known
          ? { name: 'train' }
          : 404
        : { next_run_times: [], timezone: 'UTC', data: {} }
    );
    const made = scheduleRun(run, service, trans);
    await act(() => pause(50));
    await press('Schedule');
    if (last) {
      await press(last);
    }
    const posts = asked.filter(one => one.path === 'submit_job');
    return { made: await made, posts };
  }

  it('keeps secrets by name and notifications', async () => {
    const { made, posts } = await schedule(false, null);
    expect(made).toEqual({ project: 'p', name: 'train' });
    expect(posts).toHaveLength(1);
    expect(posts[0].body).toMatchObject({
      task: {
        spec: {
          secret_sources: run.spec.secret_sources,
          notifications: run.spec.notifications
        }
      }
    });
  });

  it('replaces a schedule of the same name only when that is confirmed', async () => {
    const kept = await schedule(true, 'Keep it');
    expect(kept.made).toBeNull();
    expect(kept.posts).toHaveLength(0);
    const replaced = await schedule(true, 'Replace');
    expect(replaced.made).not.toBeNull();
    expect(replaced.posts).toHaveLength(1);
  });
});
