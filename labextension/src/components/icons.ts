import { LabIcon } from '@jupyterlab/ui-components';

const LINE =
  'stroke="currentColor" fill="none" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round"';
const CUT =
  'stroke="var(--jp-layout-color1)" fill="none" stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round"';

/** The shapes of the state language: one for each state, told apart without colour. */
export const STATE_SHAPES = {
  created: `<circle cx="8" cy="8" r="5.6" ${LINE} stroke-dasharray="2 2.4"/>`,
  pending: `<circle cx="8" cy="8" r="6" ${LINE}/><g fill="currentColor"><circle cx="5.2" cy="8" r="1"/><circle cx="8" cy="8" r="1"/><circle cx="10.8" cy="8" r="1"/></g>`,
  running: `<circle cx="8" cy="8" r="6" ${LINE} opacity=".28"/><path class="jp-mlrun-spin" d="M8 2a6 6 0 0 1 6 6" stroke="currentColor" fill="none" stroke-linecap="round" stroke-linejoin="round" stroke-width="2"/><circle cx="8" cy="8" r="2.2" fill="currentColor"/>`,
  completed: `<circle cx="8" cy="8" r="6.8" fill="currentColor"/><path d="M5 8.3l2.1 2.1L11.2 6" ${CUT}/>`,
  error: `<path d="M5.2 1.2h5.6l4 4v5.6l-4 4H5.2l-4-4V5.2z" fill="currentColor"/><path d="M5.7 5.7l4.6 4.6m0-4.6l-4.6 4.6" ${CUT}/>`,
  aborting: `<rect x="2" y="2" width="12" height="12" rx="2" ${LINE} stroke-dasharray="3 2"/><rect x="5.6" y="5.6" width="4.8" height="4.8" fill="currentColor"/>`,
  aborted: `<rect x="1.8" y="1.8" width="12.4" height="12.4" rx="2" fill="currentColor"/><path d="M5 8h6" ${CUT}/>`,
  scheduled: `<circle cx="8" cy="8" r="6" ${LINE}/><path d="M8 4.6V8l2.3 1.6" ${LINE}/>`,
  unknown: `<path d="M5.6 5.8C5.6 4.3 6.6 3.4 8 3.4s2.4.8 2.4 2.1c0 1.7-2.3 1.9-2.3 3.7" ${LINE}/><circle cx="8.1" cy="12" r="1.1" fill="currentColor"/>`,
  skipped: `<path d="M3 4l4 4-4 4m5.5-8l4 4-4 4" ${LINE}/>`,
  warning: `<path d="M8 1.6l7 12.4H1z" fill="currentColor"/><path d="M8 6v3.4" ${CUT}/><circle cx="8" cy="11.7" r=".95" fill="var(--jp-layout-color1)"/>`,
  noData: `<circle cx="8" cy="8" r="6" ${LINE}/><path d="M5.4 8h5.2" ${LINE}/>`,
  pendingRetry: `<path d="M13 8a5 5 0 1 1-1.6-3.7" ${LINE}/><path d="M13.2 2v3h-3" ${LINE}/>`
} as const;

/** The glyphs of buttons, tabs and headers. */
export const GLYPHS = {
  caretRight: '<path d="M6 4l4 4-4 4z" fill="currentColor"/>',
  caretDown: '<path d="M4 6h8l-4 4z" fill="currentColor"/>',
  chevron: `<path d="M4 6.2l4 4 4-4" ${LINE}/>`,
  plus: `<path d="M8 3v10M3 8h10" ${LINE}/>`,
  more: '<g fill="currentColor"><circle cx="3" cy="8" r="1.4"/><circle cx="8" cy="8" r="1.4"/><circle cx="13" cy="8" r="1.4"/></g>',
  search: `<circle cx="6.8" cy="6.8" r="4.3" ${LINE}/><path d="M10 10l3.6 3.6" ${LINE}/>`,
  close: `<path d="M4 4l8 8m0-8l-8 8" ${LINE}/>`,
  pause: '<path d="M4 3h3v10H4zM9 3h3v10H9z" fill="currentColor"/>',
  stop: '<rect x="3.5" y="3.5" width="9" height="9" fill="currentColor"/>',
  play: '<path d="M4 2.5v11l9-5.5z" fill="currentColor"/>',
  log: `<path d="M2.5 3.5h11M2.5 6.5h8M2.5 9.5h11M2.5 12.5h6" ${LINE}/>`,
  open: `<path d="M6 3H3v10h10v-3M9 3h4v4M13 3L7.5 8.5" ${LINE}/>`,
  copy: `<path d="M5.5 5.5h8v8h-8zM3 10.5v-8h7.5" ${LINE}/>`,
  download: `<path d="M8 2.5v7m-3-2.8L8 9.7l3-3M3 13h10" ${LINE}/>`,
  wrap: `<path d="M2.5 3.5h11M2.5 8h8.7a2.1 2.1 0 0 1 0 4.3H8.5m1.6-1.9l-1.8 1.9 1.8 1.8M2.5 12.3h3" ${LINE}/>`,
  follow: `<path d="M4.5 2.5L8 6l3.5-3.5M4.5 7L8 10.5 11.5 7M3 13.6h10" ${LINE}/>`,
  table: `<path d="M2.5 3.5h11v9h-11zM2.5 6.5h11M6.5 6.5v6" ${LINE}/>`,
  model: `<path d="M8 1.8l5.5 3.1v6.2L8 14.2l-5.5-3.1V4.9zM2.5 4.9L8 8l5.5-3.1M8 8v6.2" ${LINE}/>`,
  plot: `<path d="M2.5 2.5v11h11M4.8 10.5l2.6-3.4 2.3 1.8 3.3-4.6" ${LINE}/>`,
  file: `<path d="M4 1.8h5l3.3 3.3v9H4zM9 1.8v3.4h3.3" ${LINE}/>`,
  function: `<path d="M10.6 3.4c-1.9-1-2.9.1-3.1 1.9L6.7 11c-.2 1.9-1.4 2.9-3.1 1.9M4.8 7.2h4.6" ${LINE}/>`,
  flow: `<rect x="1.8" y="2" width="4.4" height="3.6" ${LINE}/><rect x="9.8" y="2" width="4.4" height="3.6" ${LINE}/><rect x="5.8" y="10.4" width="4.4" height="3.6" ${LINE}/><path d="M4 5.8v2.3h8V5.8M8 8v2.2" ${LINE}/>`,
  layers: `<path d="M8 2L14 5.2 8 8.4 2 5.2zM2.4 8.2L8 11.2l5.6-3M2.4 11L8 14l5.6-3" ${LINE}/>`,
  pulse: `<path d="M1.5 8.5h3l2-5 3 9 2-4h3" ${LINE}/>`,
  bell: `<path d="M3.5 11.5h9c-1-1-1.2-2-1.2-4.2A3.3 3.3 0 0 0 8 3.6a3.3 3.3 0 0 0-3.3 3.7c0 2.2-.2 3.2-1.2 4.2zM6.8 13.6h2.4" ${LINE}/>`,
  clock: `<circle cx="8" cy="8" r="5.8" ${LINE}/><path d="M8 4.8V8l2.2 1.6" ${LINE}/>`,
  diff: `<path d="M5 2.5v6M2 5.5h6M8.5 11.5H14M10 3l-4 11" ${LINE}/>`,
  rerun: `<path d="M13 8a5 5 0 1 1-1.6-3.7" ${LINE}/><path d="M13.2 2v3h-3" ${LINE}/>`,
  filter: '<path d="M2 3h12l-4.7 5.4V13l-2.6 1.4v-6z" fill="currentColor"/>',
  columns: `<path d="M2.5 3h11v10h-11zM6.2 3v10M9.8 3v10" ${LINE}/>`,
  check:
    '<path d="M3.5 8.3l3 3L12.6 5" stroke="currentColor" fill="none" stroke-linecap="round" stroke-linejoin="round" stroke-width="2"/>',
  upTriangle: '<path d="M8 4l4 7H4z" fill="currentColor"/>',
  downTriangle: '<path d="M8 12L4 5h8z" fill="currentColor"/>',
  sort: '<path d="M4.5 6h7L8 10.5z" fill="currentColor"/>',
  first: `<path d="M12 3.5L7.5 8l4.5 4.5M4.5 3.5v9" ${LINE}/>`,
  previous: `<path d="M10 3.5L5.5 8l4.5 4.5" ${LINE}/>`,
  next: `<path d="M6 3.5L10.5 8 6 12.5" ${LINE}/>`,
  last: `<path d="M4 3.5L8.5 8 4 12.5M11.5 3.5v9" ${LINE}/>`,
  star: '<path d="M8 1.8l1.9 4.1 4.5.5-3.3 3 .9 4.4L8 11.6l-4 2.2.9-4.4-3.3-3 4.5-.5z" fill="currentColor"/>',
  folder: '<path d="M1.5 3h5l1.5 2h6.5v8.5h-13z" fill="currentColor"/>',
  gear: `<circle cx="8" cy="8" r="2.2" ${LINE}/><path d="M8 1.8v2M8 12.2v2M1.8 8h2M12.2 8h2M3.6 3.6L5 5M11 11l1.4 1.4M12.4 3.6L11 5M5 11l-1.4 1.4" ${LINE}/>`,
  mlrun:
    '<path d="M2.2 13V4.2l3.6 5 3.6-5V13" stroke="currentColor" fill="none" stroke-linecap="round" stroke-linejoin="round" stroke-width="2"/><path d="M11.5 3.5l3 2.2-3 2.2z" fill="currentColor"/>',
  chip: `<rect x="4.5" y="4.5" width="7" height="7" ${LINE}/><path d="M6 2v2M10 2v2M6 12v2M10 12v2M2 6h2M2 10h2M12 6h2M12 10h2" ${LINE}/>`,
  tag: `<path d="M2 2.500h5.500l6.500 6.500-5 5-6.500-6.500z" ${LINE}/><circle cx="5.200" cy="5.700" r="1" fill="currentColor"/>`,
  trash: `<path d="M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.6 9h5.8l.6-9" ${LINE}/>`,
  offline: `<path d="M2 2l12 12M4 6.5a4 4 0 0 0 .6 6.5H11M6.5 3.700A4 4 0 0 1 11.8 7 3 3 0 0 1 13.6 11" ${LINE}/>`,
  link: `<path d="M6.8 9.200a2.6 2.6 0 0 0 3.700 0l2.200-2.200a2.6 2.6 0 0 0-3.700-3.700l-.8.8M9.200 6.8a2.6 2.6 0 0 0-3.700 0L3.300 9a2.6 2.6 0 0 0 3.700 3.700l.8-.8" ${LINE}/>`,
  key: `<circle cx="5" cy="8" r="2.8" ${LINE}/><path d="M7.8 8H14v2.5M11.5 8v2" ${LINE}/>`
} as const;

/** A shape of the state language. */
export type StateShape = keyof typeof STATE_SHAPES;

/** A glyph of a button, tab or header. */
export type GlyphName = keyof typeof GLYPHS;

const made = new Map<string, LabIcon>();

function labIcon(group: string, name: string, body: string): LabIcon {
  const key = `jupyter-mlrun:${group}-${name}`;
  let icon = made.get(key);
  if (!icon) {
    icon = new LabIcon({
      name: key,
      svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16">${body}</svg>`
    });
    made.set(key, icon);
  }
  return icon;
}

/** The LabIcon of a glyph, for titles, commands and menus. */
export function glyphIcon(name: GlyphName): LabIcon {
  return labIcon('glyph', name, GLYPHS[name]);
}

/** The LabIcon of a state's shape, in the state's colour, for tab titles. */
export function stateShapeIcon(shape: StateShape): LabIcon {
  return labIcon(
    'state',
    shape,
    `<g class="jp-mlrun-state-${shape}" color="currentColor">${STATE_SHAPES[shape]}</g>`
  );
}
