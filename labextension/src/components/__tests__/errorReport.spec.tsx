import React, { act } from 'react';
import { createRoot, Root } from 'react-dom/client';
import { ErrorReport } from '../errorReport';

(
  globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }
).IS_REACT_ACT_ENVIRONMENT = true;

let root: Root;
let host: HTMLElement;

beforeEach(() => {
  host = document.createElement('div');
  document.body.append(host);
  root = createRoot(host);
});

afterEach(async () => {
  await act(async () => root.unmount());
  host.remove();
});

it.each([
  ['AssertionError', 'AssertionError', 'AssertionError'],
  ['AssertionError: ', 'AssertionError', 'AssertionError'],
  ['ValueError: no', 'ValueError', 'ValueError: no'],
  ['no', 'ValueError', 'ValueError: no'],
  ['KeyErrors are rare', 'KeyError', 'KeyError: KeyErrors are rare'],
  ['OSError: [Errno 2] no file', null, 'OSError: [Errno 2] no file']
])('says %p of type %p once', async (error, type, words) => {
  await act(async () =>
    root.render(<ErrorReport error={error} type={type} frames={[]} />)
  );
  expect(host.querySelector('.jp-mlrun-error-reason')?.textContent).toBe(words);
});
