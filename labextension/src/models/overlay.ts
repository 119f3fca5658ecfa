import type { Json, JsonMap } from '../api/documents';

/** A plot of one run: what it is and the letter of its run. */
export interface IPlot {
  letter: string;
  mime: string;
  data: Json;
}

/** Plotly's and Vega's own names for the dashes that tell runs apart. */
const PLOTLY_DASHES = ['solid', 'dash', 'dot', 'longdash', 'dashdot', 'solid'];
const VEGA_DASHES = [[], [6, 3], [2, 3], [10, 4], [8, 3, 2, 3], []];

function isMap(value: Json | undefined): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function part(map: JsonMap, key: string): JsonMap {
  const value = map[key];
  return isMap(value) ? value : {};
}

function plotly(
  plots: readonly IPlot[],
  colours: readonly string[]
): Json | null {
  const [first] = plots;
  const traces: Json[] = [];
  for (const [index, { letter, data }] of plots.entries()) {
    if (!isMap(data) || !Array.isArray(data.data)) {
      return null;
    }
    const color = colours[index % colours.length];
    const dash = PLOTLY_DASHES[index % PLOTLY_DASHES.length];
    for (const trace of data.data) {
      if (
        !isMap(trace) ||
        !['scatter', 'bar', undefined].includes(trace.type as string)
      ) {
        return null;
      }
      const name =
        typeof trace.name === 'string' ? `${letter} ${trace.name}` : letter;
      traces.push({
        ...trace,
        name,
        legendgroup: letter,
        showlegend: true,
        line: { ...part(trace, 'line'), color, dash },
        marker: { ...part(trace, 'marker'), color }
      });
    }
  }
  return isMap(first.data) ? { ...first.data, data: traces } : null;
}

/** Vega-Lite can lay specifications of one mark over each other, those with parts it cannot. */
function vegaLite(
  plots: readonly IPlot[],
  colours: readonly string[]
): Json | null {
  const layer: Json[] = [];
  let datasets: JsonMap = {};
  for (const [index, { letter, data }] of plots.entries()) {
    if (!isMap(data) || data.mark === undefined || !isMap(data.encoding)) {
      return null;
    }
    const named = part(data, 'datasets');
    const rename = (name: string) => `${letter}-${name}`;
    datasets = {
      ...datasets,
      ...Object.fromEntries(
        Object.entries(named).map(([name, rows]) => [rename(name), rows])
      )
    };
    const source = part(data, 'data');
    const mark = isMap(data.mark) ? data.mark : { type: data.mark };
    layer.push({
      data:
        typeof source.name === 'string' && source.name in named
          ? { name: rename(source.name) }
          : source,
      ...(data.transform === undefined ? {} : { transform: data.transform }),
      mark: {
        ...mark,
        color: colours[index % colours.length],
        strokeDash: VEGA_DASHES[index % VEGA_DASHES.length]
      },
      encoding: Object.fromEntries(
        Object.entries(data.encoding).filter(([name]) => name !== 'color')
      )
    });
  }
  const { data } = plots[0];
  const { mark, encoding, transform, data: _, ...rest } = data as JsonMap;
  void [mark, encoding, transform, _];
  return { ...rest, datasets, layer };
}

/** Plots of the same key in one, each run in its colour and dash; null where that makes no sense. */
export function overlay(
  plots: readonly IPlot[],
  colours: readonly string[]
): { mime: string; data: Json } | null {
  const [first] = plots;
  if (plots.length < 2 || plots.some(plot => plot.mime !== first.mime)) {
    return null;
  }
  const data = first.mime.includes('plotly')
    ? plotly(plots, colours)
    : first.mime.includes('vegalite')
      ? vegaLite(plots, colours)
      : null;
  return data === null ? null : { mime: first.mime, data };
}
