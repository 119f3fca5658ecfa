import React from 'react';

type Listener = (now: number) => void;

const TICKS = { live: 1000, slow: 30000 } as const;
const listeners: Record<keyof typeof TICKS, Set<Listener>> = {
  live: new Set(),
  slow: new Set()
};
const timers: Partial<Record<keyof typeof TICKS, number>> = {};

function tick(pace: keyof typeof TICKS): void {
  if (!document.hidden) {
    const now = Date.now();
    listeners[pace].forEach(listener => listener(now));
  }
}

function listen(pace: keyof typeof TICKS, listener: Listener): () => void {
  listeners[pace].add(listener);
  timers[pace] ??= window.setInterval(() => tick(pace), TICKS[pace]);
  return () => {
    listeners[pace].delete(listener);
    if (listeners[pace].size === 0) {
      window.clearInterval(timers[pace]);
      delete timers[pace];
    }
  };
}

/** The time, from one timer for the whole page: each second when live, else each 30 s. */
export function useNow(live = false): number {
  const [, setTick] = React.useState(0);
  React.useEffect(() => listen(live ? 'live' : 'slow', setTick), [live]);
  // what is drawn between two ticks is not older than its drawing
  return Date.now();
}
