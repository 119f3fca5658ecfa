import React from 'react';
import type { Series } from '../api/documents';

/** The points of a line that fills a box, as an SVG `points` attribute; gaps are left out. */
export function sparkPoints(
  values: readonly number[],
  width: number,
  height: number
): string {
  const finite = values.filter(Number.isFinite);
  if (finite.length < 2) {
    return '';
  }
  const low = Math.min(...finite);
  const span = Math.max(...finite) - low || 1;
  const step = (width - 4) / (finite.length - 1);
  return finite
    .map((value, index) => {
      const y = height - 2 - ((value - low) / span) * (height - 4);
      return `${(2 + index * step).toFixed(1)},${y.toFixed(1)}`;
    })
    .join(' ');
}

/** A small line of numbers with its last point marked. */
export function Sparkline(props: {
  values: readonly number[];
  /** One sentence that says what the line shows; without it the line is decoration. */
  label?: string;
  width?: number;
  height?: number;
}) {
  const { width = 46, height = 14 } = props;
  const points = sparkPoints(props.values, width, height);
  const [x, y] = points.slice(points.lastIndexOf(' ') + 1).split(',');
  return (
    <svg
      className="jp-mlrun-spark"
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role={props.label ? 'img' : undefined}
      aria-label={props.label}
      aria-hidden={props.label ? undefined : true}
    >
      {points && (
        <>
          <polyline points={points} />
          <circle cx={x} cy={y} r="1.8" />
        </>
      )}
    </svg>
  );
}

/** The numbers of a series, without what is not a number. */
export function seriesValues(series: Series): number[] {
  return series.map(([, value]) => Number(value)).filter(Number.isFinite);
}
