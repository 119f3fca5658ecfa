import React, { act } from 'react';
import { mounted } from '../../__tests__/mounted';
import { Tags } from '../tags';

const page = mounted();

async function type(text: string, given: string[]) {
  await page.draw(
    <Tags
      tags={['latest']}
      label="Tags"
      onAdd={tag => Promise.resolve(void given.push(tag))}
      onRemove={() => Promise.resolve()}
    />
  );
  await act(async () =>
    page.host.querySelector<HTMLElement>('.jp-mlrun-tag-add')!.click()
  );
  const input = page.host.querySelector('input')!;
  const set = Object.getOwnPropertyDescriptor(
    HTMLInputElement.prototype,
    'value'
  )!.set!;
  await act(async () => {
    set.call(input, text);
    input.dispatchEvent(new Event('input', { bubbles: true }));
  });
  await act(async () => {
    input.dispatchEvent(
      new KeyboardEvent('keydown', { key: 'Enter', bubbles: true })
    );
  });
}

it('gives a tag', async () => {
  const given: string[] = [];
  await type('v1', given);
  expect(given).toEqual(['v1']);
  expect(page.host.querySelector('[role=alert]')).toBeNull();
});

it('says why a tag is none, and keeps what was typed', async () => {
  const given: string[] = [];
  await type('a b!', given);
  expect(given).toEqual([]);
  expect(page.host.querySelector('[role=alert]')!.textContent).toContain(
    'make a tag'
  );
  expect(page.host.querySelector('input')!.value).toBe('a b!');
});
