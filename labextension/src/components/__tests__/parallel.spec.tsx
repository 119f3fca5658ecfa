import React from 'react';
import { mounted } from '../../__tests__/mounted';
import { formatParameter } from '../../format';
import { ParallelCoordinates } from '../parallel';
import type { IIterations } from '../../models/iterations';

const place = mounted();
const LONG = 'a-kind-of-a-name-that-is-wider-than-what-lies-between-two-axes';

beforeAll(() => {
  // jsdom lays nothing out, so a chart keeps the width that it begins with
  (globalThis as any).ResizeObserver = class {
    observe() {}
    disconnect() {}
  };
});

const MANY = 123456789.5;

test('labels end before the axis beside theirs, and tell the whole', async () => {
  const iterations = {
    numbers: [1, 2],
    states: ['completed', 'completed'],
    best: null,
    selector: null,
    axes: [
      { kind: 'parameter', key: 'n_estimators', values: [MANY, 2] },
      { kind: 'parameter', key: 'n', values: [1, 2] },
      { kind: 'parameter', key: 'kind', values: ['a', LONG] },
      { kind: 'parameter', key: 'more', values: [1, 2] },
      { kind: 'result', key: LONG, values: [0.5, 0.7] }
    ]
  } as unknown as IIterations;
  await place.draw(
    <ParallelCoordinates iterations={iterations} brushes={{}} />
  );
  const whole = [...place.host.querySelectorAll('text')]
    .filter(text => !text.querySelector('title'))
    .map(text => text.textContent);
  expect(whole).toContain('n_estimators');
  expect(whole).toContain(formatParameter(MANY));
  expect(formatParameter(MANY).length).toBeGreaterThan(9);
  const shortened = [...place.host.querySelectorAll('text')].filter(text =>
    text.querySelector('title')
  );
  expect(shortened).toHaveLength(2);
  for (const text of shortened) {
    const [title, words] = [...text.childNodes].map(node => node.textContent);
    expect(title).toBe(LONG);
    expect(words).toMatch(/^a-kind.*…$/);
    expect(words?.length).toBeLessThan(40);
  }
});
