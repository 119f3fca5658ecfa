import React from 'react';
import { formatCount, formatResult } from '../format';
import { useTrans } from './translation';

const WIDTH = 120;
const HEIGHT = 36;

/** How often values occur, as bars between the least and the greatest. */
export function Histogram(props: {
  name: string;
  counts: readonly number[];
  edges: readonly number[];
}) {
  const trans = useTrans();
  const { counts, edges, name } = props;
  const most = Math.max(1, ...counts);
  const step = WIDTH / counts.length;
  const low = formatResult(edges[0]);
  const high = formatResult(edges[edges.length - 1]);
  return (
    <figure className="jp-mlrun-histogram">
      <svg
        width={WIDTH}
        height={HEIGHT}
        role="img"
        aria-label={trans.__(
          '%1 from %2 to %3 in %4 bins; the fullest holds %5 values',
          name,
          low,
          high,
          counts.length,
          formatCount(most)
        )}
      >
        {counts.map((count, index) => {
          const height = (count / most) * (HEIGHT - 1);
          return (
            <rect
              key={index}
              x={index * step}
              y={HEIGHT - height}
              width={Math.max(1, step - 1)}
              height={height}
            >
              <title>
                {trans.__(
                  '%1 to %2: %3',
                  formatResult(edges[index]),
                  formatResult(edges[index + 1]),
                  formatCount(count)
                )}
              </title>
            </rect>
          );
        })}
      </svg>
      <figcaption dir="ltr">
        <span>{low}</span>
        <span>{high}</span>
      </figcaption>
    </figure>
  );
}
