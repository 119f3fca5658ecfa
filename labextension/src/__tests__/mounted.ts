import type React from 'react';
import { act } from 'react';
import { createRoot, Root } from 'react-dom/client';

(
  globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }
).IS_REACT_ACT_ENVIRONMENT = true;

/** A place in the page for each test of a file, which is gone after it. */
export interface IMounted {
  host: HTMLElement;
  draw: (node: React.ReactNode) => Promise<void>;
}

/** Have each test of the file a place in which it draws. */
export function mounted(): IMounted {
  let root: Root;
  const place: IMounted = {
    host: document.body,
    draw: node => act(async () => root.render(node))
  };
  beforeEach(() => {
    place.host = document.createElement('div');
    document.body.append(place.host);
    root = createRoot(place.host);
  });
  afterEach(async () => {
    await act(async () => root.unmount());
    place.host.remove();
  });
  return place;
}
