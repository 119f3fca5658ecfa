import React from 'react';
import { letterOf } from './letter';
import { useTrans } from './translation';
import { useWidth } from './width';
import { formatParameter, formatResult } from '../format';
import { IAxis, IIterations, placesOn } from '../models/iterations';

const WIDEST = 980;
const HEIGHT = 150;
const TOP = 24;
const SIDE = 56;
const MOST_AXES = 9;
const STEP = 0.05;
const LETTER = 6.5;
const SMALL_LETTER = 5.5;
const GAP = 5;
const FEWEST_LETTERS = 5;

/** A part of an axis, from 0 to 1, that lines must cross. */
export type Brush = readonly [number, number];

/** Brushed axes, by their place. */
export type Brushes = Readonly<Record<number, Brush>>;

/** Axes that differ: those worth a line. */
export function drawnAxes(iterations: IIterations): IAxis[] {
  return iterations.axes
    .filter(
      axis => new Set(axis.values.map(value => JSON.stringify(value))).size > 1
    )
    .slice(0, MOST_AXES);
}

/** Whether an iteration crosses every brushed axis inside its brush. */
export function isKept(
  places: (number | null)[][],
  index: number,
  brushes: Brushes
): boolean {
  return Object.entries(brushes).every(([axis, [low, high]]) => {
    const place = places[Number(axis)]?.[index];
    return (
      place !== null && place !== undefined && place >= low && place <= high
    );
  });
}

function yOf(place: number): number {
  return TOP + (1 - place) * HEIGHT;
}

function labelOf(axis: IAxis, index: number): string {
  const value = axis.values[index];
  return axis.kind === 'result' ? formatResult(value) : formatParameter(value);
}

/** Iterations as lines over parallel axes, the best one bold. Dragging on an axis brushes it. */
export function ParallelCoordinates(props: {
  iterations: IIterations;
  brushes: Brushes;
  onBrush?: (brushes: Brushes) => void;
  /** The lines are runs of a comparison, named by their letters. */
  ofRuns?: boolean;
}) {
  const trans = useTrans();
  const { iterations, brushes, onBrush } = props;
  const { place, width } = useWidth(WIDEST);
  const axes = React.useMemo(() => drawnAxes(iterations), [iterations]);
  const places = React.useMemo(() => axes.map(placesOn), [axes]);
  if (axes.length < 2) {
    return null;
  }
  const step = (width - 2 * SIDE) / (axes.length - 1);
  const order = iterations.numbers
    .map((number, index) => ({ number, index }))
    .sort(
      (a, b) =>
        Number(a.number === iterations.best) -
        Number(b.number === iterations.best)
    );
  return (
    <svg
      ref={place}
      className="jp-mlrun-parallel"
      width={width}
      height={HEIGHT + TOP + 12}
      role="group"
      aria-label={
        props.ofRuns
          ? trans.__(
              '%1 runs over %2',
              iterations.numbers.length,
              axes.map(axis => axis.key).join(', ')
            )
          : summaryOf(iterations, axes, trans)
      }
    >
      {order.map(({ number, index }) => {
        const points = axes
          .map((_, axis) => ({ axis, place: places[axis][index] }))
          .filter(point => point.place !== null)
          .map(point => `${SIDE + point.axis * step},${yOf(point.place ?? 0)}`);
        const classes = [
          number === iterations.best ? 'jp-mod-best' : '',
          isKept(places, index, brushes) ? '' : 'jp-mod-out'
        ];
        return (
          <polyline
            key={number}
            className={classes.join(' ')}
            points={points.join(' ')}
          >
            <title>
              {props.ofRuns
                ? letterOf(number - 1)
                : trans.__('Iteration %1', number)}
            </title>
          </polyline>
        );
      })}
      {axes.map((axis, index) => (
        <Axis
          key={`${axis.kind} ${axis.key}`}
          axis={axis}
          places={places[index]}
          x={SIDE + index * step}
          step={step}
          room={index ? step : SIDE}
          brush={brushes[index]}
          onBrush={
            onBrush &&
            (brush => {
              const next: Record<number, Brush> = { ...brushes };
              if (brush) {
                next[index] = brush;
              } else {
                delete next[index];
              }
              onBrush(next);
            })
          }
        />
      ))}
    </svg>
  );
}

function summaryOf(
  iterations: IIterations,
  axes: IAxis[],
  trans: ReturnType<typeof useTrans>
): string {
  const names = axes.map(axis => axis.key).join(', ');
  return iterations.best === null
    ? trans.__('%1 iterations over %2', iterations.numbers.length, names)
    : trans.__(
        '%1 iterations over %2; the best one is %3',
        iterations.numbers.length,
        names,
        iterations.best
      );
}

function Axis(props: {
  axis: IAxis;
  places: (number | null)[];
  x: number;
  /** How far the next axis is. */
  step: number;
  /** What the labels of its ends have before the axis on their side. */
  room: number;
  brush: Brush | undefined;
  onBrush?: (brush: Brush | null) => void;
}) {
  const trans = useTrans();
  const { axis, places, x, step, room, brush, onBrush } = props;
  const from = React.useRef<number | null>(null);
  const placeAt = (event: React.PointerEvent<SVGElement>): number => {
    const svg = event.currentTarget.ownerSVGElement;
    const box = svg?.getBoundingClientRect();
    const y = box ? event.clientY - box.top : 0;
    return Math.min(1, Math.max(0, 1 - (y - TOP) / HEIGHT));
  };
  const ends = labelledEnds(axis, places);
  return (
    <g>
      <line x1={x} x2={x} y1={TOP} y2={TOP + HEIGHT} />
      <text className="jp-mod-name" x={x} y={12} textAnchor="middle">
        <Shortened
          text={axis.key}
          letters={Math.min(step, 2 * SIDE) / LETTER}
        />
      </text>
      {ends.map(end => (
        <text
          key={end.place}
          x={x - GAP}
          y={yOf(end.place) + 4}
          textAnchor="end"
        >
          {end.isNumber ? (
            end.label
          ) : (
            <Shortened text={end.label} letters={(room - GAP) / SMALL_LETTER} />
          )}
        </text>
      ))}
      {brush && (
        <rect
          className="jp-mod-brush"
          x={x - 5}
          width={10}
          y={yOf(brush[1])}
          height={Math.max(2, (brush[1] - brush[0]) * HEIGHT)}
        />
      )}
      {onBrush && (
        <rect
          className="jp-mod-grip"
          x={x - 9}
          width={18}
          y={TOP - 4}
          height={HEIGHT + 8}
          tabIndex={0}
          role="slider"
          aria-label={trans.__('Filter by %1', axis.key)}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.round((brush?.[0] ?? 0) * 100)}
          onPointerDown={event => {
            from.current = placeAt(event);
            event.currentTarget.setPointerCapture(event.pointerId);
          }}
          onPointerMove={event => {
            if (from.current !== null) {
              const to = placeAt(event);
              onBrush([Math.min(from.current, to), Math.max(from.current, to)]);
            }
          }}
          onPointerUp={event => {
            if (Math.abs(placeAt(event) - (from.current ?? 0)) < STEP / 2) {
              onBrush(null);
            }
            from.current = null;
          }}
          onKeyDown={event => {
            const by = { ArrowUp: STEP, ArrowDown: -STEP }[event.key];
            if (event.key === 'Escape') {
              onBrush(null);
            } else if (by !== undefined) {
              event.preventDefault();
              const low = Math.min(1, Math.max(0, (brush?.[0] ?? 0) + by));
              onBrush(low === 0 ? null : [low, brush?.[1] ?? 1]);
            }
          }}
        />
      )}
    </g>
  );
}

/** A text of a chart, as far as there is room for it; its tooltip has the whole. */
function Shortened(props: { text: string; letters: number }) {
  const { text } = props;
  const most = Math.max(FEWEST_LETTERS, Math.floor(props.letters));
  const letters = [...text];
  return letters.length > most ? (
    <>
      <title>{text}</title>
      {`${letters.slice(0, most - 1).join('')}…`}
    </>
  ) : (
    <>{text}</>
  );
}

function labelledEnds(
  axis: IAxis,
  places: (number | null)[]
): { place: number; label: string; isNumber: boolean }[] {
  const found = new Map<number, number>();
  const few = new Set(places).size <= 5;
  places.forEach((place, index) => {
    if (place !== null && (few || place === 0 || place === 1)) {
      found.set(place, index);
    }
  });
  return [...found].map(([place, index]) => ({
    place,
    label: labelOf(axis, index),
    isNumber: typeof axis.values[index] === 'number'
  }));
}
