import React from 'react';

const FIRST = 760;
const NARROWEST = 240;

/** The width that a chart has where it stands, and what the chart is held by. */
export function useWidth(widest: number) {
  const [width, setWidth] = React.useState(Math.min(FIRST, widest));
  const watched = React.useRef<ResizeObserver>();
  const place = React.useCallback(
    (chart: SVGSVGElement | null) => {
      watched.current?.disconnect();
      const box = chart?.parentElement;
      if (box) {
        watched.current = new ResizeObserver(() => {
          const room = box.clientWidth || widest;
          setWidth(Math.max(NARROWEST, Math.min(widest, room)));
        });
        watched.current.observe(box);
      }
    },
    [widest]
  );
  return { place, width };
}
