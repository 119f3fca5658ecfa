import React from 'react';
import { letterOf } from '../../components/letter';
import { useTrans } from '../../components/translation';
import { useWidth } from '../../components/width';
import { formatResult } from '../../format';
import { ILine, ticksOf } from '../../models/comparison';

const WIDEST = 720;
const HEIGHT = 260;
const LEFT = 46;
const RIGHT = 74;
const TOP = 10;
const BOTTOM = 24;
const LABEL = 14;

interface IScale {
  width: number;
  x: (step: number) => number;
  y: (value: number) => number;
  low: [number, number];
  high: [number, number];
}

function scaleOf(lines: readonly ILine[], log: boolean, width: number): IScale {
  const points = lines.flatMap(line => line.points);
  const bounds = (axis: 0 | 1): [number, number] => {
    const values = points.map(point => point[axis]);
    return [Math.min(...values), Math.max(...values)];
  };
  const [x0, x1] = bounds(0);
  const [y0, y1] = bounds(1);
  const bend = (value: number) => (log ? Math.log10(value) : value);
  const place = (value: number, from: number, to: number) =>
    to > from ? (value - from) / (to - from) : 0.5;
  return {
    width,
    x: step => LEFT + place(step, x0, x1) * (width - LEFT - RIGHT),
    y: value =>
      HEIGHT -
      BOTTOM -
      place(bend(value), bend(y0), bend(y1)) * (HEIGHT - TOP - BOTTOM),
    low: [x0, y0],
    high: [x1, y1]
  };
}

/** Labels at the lines' ends, moved apart so that none covers another. */
function labelPlaces(lines: readonly ILine[], scale: IScale): number[] {
  const wanted = lines
    .map((line, index) => ({
      index,
      y: scale.y(line.points[line.points.length - 1][1])
    }))
    .sort((a, b) => a.y - b.y);
  const gap = Math.min(LABEL, (HEIGHT - TOP) / wanted.length);
  const places: number[] = [];
  let last = -Infinity;
  for (const { index, y } of wanted) {
    last = Math.max(y, last + gap);
    places[index] = last;
  }
  // what was moved below the chart goes up again, and takes the others along
  let next = HEIGHT - 4 + gap;
  for (const { index } of [...wanted].reverse()) {
    next = Math.min(places[index], next - gap);
    places[index] = next;
  }
  return places;
}

/** One series of several runs over their steps; told apart by colour, dash and letter. */
export function StepChart(props: {
  lines: readonly ILine[];
  name: string;
  log: boolean;
}) {
  const trans = useTrans();
  const [step, setStep] = React.useState<number | null>(null);
  const { place, width } = useWidth(WIDEST);
  const lines = props.log
    ? props.lines.map(line => ({
        ...line,
        points: line.points.filter(([, value]) => value > 0)
      }))
    : props.lines;
  const drawn = lines.filter(line => line.points.length > 0);
  if (drawn.length === 0) {
    return null;
  }
  const scale = scaleOf(drawn, props.log, width);
  const labels = labelPlaces(drawn, scale);
  const onMove = (event: React.PointerEvent<SVGSVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    setStep(nearestStep(drawn, scale, event.clientX - box.left));
  };
  return (
    <svg
      ref={place}
      className="jp-mlrun-chart"
      width={width}
      height={HEIGHT}
      role="img"
      aria-label={trans.__(
        '%1 by step of %2 runs: %3',
        props.name,
        drawn.length,
        drawn.map(describe).join(', ')
      )}
      onPointerMove={onMove}
      onPointerLeave={() => setStep(null)}
    >
      <Axes scale={scale} log={props.log} />
      {drawn.map((line, index) => (
        <g key={line.run} className={`jp-mlrun-line-${line.run % 6}`}>
          <polyline
            points={line.points
              .map(([at, value]) => `${scale.x(at)},${scale.y(value)}`)
              .join(' ')}
          />
          <text x={width - RIGHT + 8} y={labels[index] + 3.5}>
            <tspan className="jp-mlrun-chart-letter">
              {letterOf(line.run)}
            </tspan>{' '}
            {formatResult(line.points[line.points.length - 1][1])}
          </text>
        </g>
      ))}
      {step !== null && <Reading lines={drawn} scale={scale} step={step} />}
    </svg>
  );
}

function describe(line: ILine): string {
  const [, value] = line.points[line.points.length - 1];
  return `${letterOf(line.run)} ${formatResult(value)}`;
}

function nearestStep(
  lines: readonly ILine[],
  scale: IScale,
  x: number
): number {
  const steps = lines.flatMap(line => line.points.map(([at]) => at));
  return steps.reduce((best, at) =>
    Math.abs(scale.x(at) - x) < Math.abs(scale.x(best) - x) ? at : best
  );
}

function Axes({ scale, log }: { scale: IScale; log: boolean }) {
  const values = log
    ? logTicks(scale.low[1], scale.high[1])
    : ticksOf(scale.low[1], scale.high[1]);
  return (
    <g className="jp-mlrun-chart-axes">
      {values.map(value => (
        <g key={value}>
          <line
            x1={LEFT}
            x2={scale.width - RIGHT}
            y1={scale.y(value)}
            y2={scale.y(value)}
          />
          <text x={LEFT - 6} y={scale.y(value) + 3.5} textAnchor="end">
            {value}
          </text>
        </g>
      ))}
      {ticksOf(scale.low[0], scale.high[0]).map(step => (
        <text
          key={step}
          x={scale.x(step)}
          y={HEIGHT - BOTTOM + 16}
          textAnchor="middle"
        >
          {step}
        </text>
      ))}
    </g>
  );
}

function logTicks(low: number, high: number): number[] {
  const ticks: number[] = [];
  for (
    let power = Math.floor(Math.log10(low));
    power <= Math.ceil(Math.log10(high));
    power++
  ) {
    ticks.push(Number((10 ** power).toPrecision(6)));
  }
  return ticks.filter(tick => tick >= low && tick <= high);
}

function Reading(props: {
  lines: readonly ILine[];
  scale: IScale;
  step: number;
}) {
  const trans = useTrans();
  const { lines, scale, step } = props;
  const found = lines.flatMap(line => {
    const point = line.points.find(([at]) => at === step);
    return point ? [{ run: line.run, value: point[1] }] : [];
  });
  const x = scale.x(step);
  const left = x > scale.width / 2 ? x - 108 : x + 10;
  return (
    <g className="jp-mlrun-chart-reading">
      <line x1={x} x2={x} y1={TOP} y2={HEIGHT - BOTTOM} />
      {found.map(({ run, value }) => (
        <circle
          key={run}
          className={`jp-mlrun-line-${run % 6}`}
          cx={x}
          cy={scale.y(value)}
          r="3.5"
        />
      ))}
      <rect x={left} y={TOP} width="98" height={22 + found.length * 14} />
      <text x={left + 8} y={TOP + 14} className="jp-mlrun-chart-step">
        {trans.__('step %1', step)}
      </text>
      {found.map(({ run, value }, index) => (
        <text key={run} x={left + 8} y={TOP + 28 + index * 14}>
          <tspan className="jp-mlrun-chart-letter">{letterOf(run)}</tspan>{' '}
          {formatResult(value)}
        </text>
      ))}
    </g>
  );
}
