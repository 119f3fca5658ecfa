import React, { act } from 'react';
import { mounted } from '../../__tests__/mounted';
import { moveInToolbar } from '../nounSection';
import { ObjectTab } from '../objectTab';

const place = mounted();
const press = (key: string) =>
  act(async () => {
    document.activeElement?.dispatchEvent(
      new KeyboardEvent('keydown', { key, bubbles: true })
    );
  });

// jsdom does not know that the attribute turns its children round
const turned = { direction: 'rtl' } as const;

test.each([
  ['ltr', {}, 'ArrowRight', 'ArrowLeft'],
  ['rtl', turned, 'ArrowLeft', 'ArrowRight']
])('sections of a tab by arrows, %s', async (_, style, ahead, back) => {
  const opened: string[] = [];
  const sections = ['one', 'two', 'three'].map(id => ({
    id,
    label: id,
    render: () => null
  }));
  await place.draw(
    <div style={style}>
      <ObjectTab
        icon={null}
        name="train"
        sections={sections}
        section="one"
        sectionsLabel="Sections"
        onSection={id => opened.push(id)}
      />
    </div>
  );
  const tabs = [...place.host.querySelectorAll<HTMLElement>('[role=tab]')];
  tabs.forEach(tab => Object.assign(tab.style, style));
  tabs[0].focus();
  await press(ahead);
  expect(document.activeElement).toBe(tabs[1]);
  await press(back);
  expect(document.activeElement).toBe(tabs[0]);
  expect(opened).toEqual(['two', 'one']);
});

test.each([
  ['ltr', {}, 'ArrowRight'],
  ['rtl', turned, 'ArrowLeft']
])('buttons of a toolbar by arrows, %s', async (_, style, ahead) => {
  await place.draw(
    <div role="toolbar" style={style} onKeyDown={moveInToolbar}>
      <button type="button">one</button>
      <button type="button">two</button>
    </div>
  );
  const [first, second] = [...place.host.querySelectorAll('button')];
  first.focus();
  await press(ahead);
  expect(document.activeElement).toBe(second);
});
