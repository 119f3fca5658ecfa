import React from 'react';
import type { ILogSource } from './logBar';
import { useTrans } from './translation';

const LINE = 18;
const SAID_EVERY = 10000;
const UP = ['ArrowUp', 'PageUp', 'Home'];

/** Whether a log's end is followed: until the user scrolls up. */
export function useFollow(
  source: ILogSource,
  scroller: React.RefObject<HTMLElement>
) {
  const [follow, setFollow] = React.useState(source.live);
  const [seen, setSeen] = React.useState(0);
  const last = React.useRef(0);
  const leave = () => {
    if (follow) {
      setFollow(false);
      setSeen(source.total);
    }
  };
  const canLeave = () => (scroller.current?.scrollTop ?? 0) > 0;
  return {
    follow,
    unseen: follow ? 0 : source.total - Math.max(seen, 0),
    setFollow: (on: boolean) => {
      setFollow(on);
      setSeen(source.total);
    },
    // a line that comes at the same moment would undo the scrolling before it is seen
    onWheel: (event: React.WheelEvent) => {
      if (event.deltaY < 0 && canLeave()) {
        leave();
      }
    },
    onKeyDown: (event: React.KeyboardEvent) => {
      if (UP.includes(event.key) && canLeave()) {
        leave();
      }
    },
    onScroll: () => {
      const box = scroller.current;
      if (!box) {
        return;
      }
      const rest = box.scrollHeight - box.scrollTop - box.clientHeight;
      // only the user scrolls up; the view itself goes down alone
      if (box.scrollTop < last.current - 1 && rest > LINE) {
        leave();
      }
      last.current = box.scrollTop;
    }
  };
}

/** What a screen reader is told of a log that grows while it has the focus: now and then, in brief. */
export function useAnnouncement(source: ILogSource, focused: boolean): string {
  const trans = useTrans();
  const [text, setText] = React.useState('');
  const now = React.useRef(source);
  now.current = source;
  React.useEffect(() => {
    if (!focused || !source.live) {
      setText('');
      return;
    }
    let { total, problems } = now.current;
    const timer = window.setInterval(() => {
      const lines = now.current.total - total;
      const errors = now.current.problems - problems;
      ({ total, problems } = now.current);
      if (lines > 0) {
        const said = trans._n('%1 new line', '%1 new lines', lines);
        setText(
          errors > 0
            ? trans._n('%2, %1 error', '%2, %1 errors', errors, said)
            : said
        );
      }
    }, SAID_EVERY);
    return () => window.clearInterval(timer);
  }, [focused, source.live, trans]);
  return text;
}
