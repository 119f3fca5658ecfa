import React, { act } from 'react';
import { Secrets } from '../../panels/project/secrets';
import type { IProjectTab } from '../../panels/project/tab';
import { answeredBy } from '../../models/__tests__/server';
import { mounted } from '../mounted';

const page = mounted();

function type(label: string, text: string): Promise<void> {
  const field = page.host.querySelector<HTMLInputElement>(
    `input[aria-label="${label}"]`
  )!;
  const { set } = Object.getOwnPropertyDescriptor(
    HTMLInputElement.prototype,
    'value'
  )!;
  return act(async () => {
    set!.call(field, text);
    field.dispatchEvent(new Event('input', { bubbles: true }));
  });
}

const valueOf = (label: string) =>
  page.host.querySelector<HTMLInputElement>(`input[aria-label="${label}"]`)
    ?.value;

/** Draw the secrets of a project whose names are read as often as is told, and act on them. */
async function draw(readings: number) {
  let read = 0;
  const { settings, requests } = answeredBy(({ method }) => {
    if (method !== 'GET') {
      return { status: 503, body: { detail: 'not now' } };
    }
    read += 1;
    return read > readings
      ? { status: 503, body: { detail: 'no names' } }
      : { body: { secret_keys: ['TAKEN'] } };
  });
  const model = { service: { settings }, ref: { project: 'p', name: 'p' } };
  await page.draw(<Secrets {...({ model } as unknown as IProjectTab)} />);
  await act(() => new Promise(done => setTimeout(done, 50)));
  return requests;
}

it('keeps a secret that is being typed when the names cannot be read again', async () => {
  const requests = await draw(1);
  await type('Name of the secret', 'PASSWORD');
  await type('Value of the secret', 'typed with care');
  await act(async () => {
    page.host
      .querySelector('form')!
      .dispatchEvent(new Event('submit', { bubbles: true, cancelable: true }));
    await new Promise(done => setTimeout(done, 100));
  });
  expect(requests.filter(({ method }) => method === 'GET')).toHaveLength(2);
  expect(page.host.textContent).toContain('no names');
  expect(valueOf('Name of the secret')).toBe('PASSWORD');
  expect(valueOf('Value of the secret')).toBe('typed with care');
});

it('offers no new secret to who may not read their names', async () => {
  await draw(0);
  expect(page.host.textContent).toContain('no names');
  expect(page.host.querySelector('form')).toBeNull();
});
