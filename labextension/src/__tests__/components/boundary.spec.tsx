import React, { act } from 'react';
import { Boundary } from '../../components/boundary';
import type { ILogSource } from '../../components/logBar';
import { LogView } from '../../components/logView';
import { NextTimes } from '../../components/nextTimes';
import { mounted } from '../mounted';

const page = mounted();
const { draw } = page;
const click = (words: string) =>
  act(async () =>
    [...page.host.querySelectorAll('button')]
      .find(button => (button.title || button.textContent) === words)!
      .click()
  );

afterEach(() => {
  jest.restoreAllMocks();
});

it('says why a body cannot be drawn, and draws it again when asked', async () => {
  jest.spyOn(console, 'error').mockImplementation(() => undefined);
  let broken = true;
  const Body = () => {
    if (broken) {
      throw new Error('no such column');
    }
    return <p>the body</p>;
  };
  await draw(
    <Boundary>
      <Body />
    </Boundary>
  );
  expect(page.host.querySelector('[role=alert]')?.textContent).toContain(
    'no such column'
  );
  broken = false;
  await click('Try again');
  expect(page.host.textContent).toBe('the body');
});

it('shows times in UTC, and says so, where the browser does not know the zone', async () => {
  const times = ['2026-11-21T02:00:00+00:00'];
  await draw(<NextTimes times={times} zone="Mars/Olympus" />);
  expect(page.host.textContent).toContain('Mars/Olympus');
  expect(page.host.querySelector('li')?.textContent).toContain('UTC');
  await draw(<NextTimes times={times} zone="Europe/Oslo" />);
  expect(page.host.textContent).not.toContain('does not know');
});

it('tells why the next problem was not found', async () => {
  const source = {
    total: 0,
    size: 0,
    indexed: 0,
    problems: 2,
    live: false,
    loaded: true,
    failure: null,
    search: null,
    filtered: null,
    nextProblem: () => Promise.reject(new Error('the log is away'))
  } as unknown as ILogSource;
  await draw(<LogView source={source} onDownload={() => undefined} />);
  await click('Next problem (F8)');
  expect(page.host.querySelector('[role=alert]')?.textContent).toContain(
    'the log is away'
  );
});
