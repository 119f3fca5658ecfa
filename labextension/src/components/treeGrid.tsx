import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import React from 'react';
import { isRightToLeft } from './direction';

/** What a row of a grid is besides its cells. */
export interface IGridRow {
  /** Its name for a screen reader: the whole row in a sentence. */
  label: string;
  level?: number;
  expanded?: boolean;
  selected?: boolean;
  className?: string;
  /** Its `grid-template-columns`, where the class does not say. */
  template?: string;
}

/** How a grid is asked to act from outside. */
export interface IGridHandle {
  focus(): void;
  scrollToTop(): void;
}

/** What a grid shows and whom it tells. Rows are named by their index. */
export interface ITreeGridProps {
  label: string;
  /** Rows that can be scrolled to. */
  count: number;
  /** Rows that there are, where not all can be scrolled to yet. */
  total?: number;
  rowHeight: number;
  groupHeight?: number;
  /** Columns' headings: they stay at the top and scroll sideways with the rows. */
  header?: React.ReactNode;
  /** Width of the rows, when wider than the grid. */
  width?: number;
  /** Changes when rows got or lost a group heading. */
  layoutKey?: string | number;
  row: (index: number) => IGridRow;
  /** The heading of the group that begins with a row; asked of every row, so be quick. */
  groupOf?: (index: number) => React.ReactNode;
  cells: (index: number) => React.ReactNode;
  keyOf: (index: number) => string | number;
  onOpen: (index: number, aside: boolean) => void;
  onSelect?: (index: number, how: 'only' | 'toggle' | 'extend' | 'all') => void;
  onExpand?: (index: number, expanded: boolean) => void;
  /** The row that a row of a deeper level belongs to. */
  parentOf?: (index: number) => number | null;
  /** The text that a row becomes where it is dropped, or null where it cannot be dragged. */
  dragTextOf?: (index: number) => string | null;
  onMenu?: (index: number, event: React.SyntheticEvent) => void;
  /** Keys that the grid itself does not use; true when used. */
  onKey?: (event: React.KeyboardEvent, index: number) => boolean;
  /** Rows in view, each time they change. */
  onRange?: (first: number, last: number) => void;
  onAtTop?: (atTop: boolean) => void;
  handle?: React.Ref<IGridHandle>;
}

/** A list or table of any length: only rows in view are in the page; one tab stop. */
export function TreeGrid(props: ITreeGridProps) {
  const scroller = React.useRef<HTMLDivElement>(null);
  const [focused, setFocused] = React.useState(0);
  const moved = React.useRef(false);
  const held = React.useRef<Element | null>(null);
  const current = Math.min(focused, Math.max(0, props.count - 1));
  const virtual = useVirtualizer({
    count: props.count,
    getScrollElement: () => scroller.current,
    estimateSize: index =>
      props.rowHeight + (props.groupOf?.(index) ? (props.groupHeight ?? 0) : 0),
    getItemKey: props.keyOf,
    overscan: 8,
    rangeExtractor: range =>
      withRow(defaultRangeExtractor(range), current, props.count)
  });
  const { layoutKey, onRange } = props;
  React.useLayoutEffect(() => virtual.measure(), [layoutKey]);
  const range = virtual.range;
  const first = range?.startIndex ?? 0;
  const last = range?.endIndex ?? 0;
  React.useEffect(() => {
    if (props.count > 0) {
      onRange?.(first, last);
    }
  }, [first, last, props.count, onRange]);
  React.useImperativeHandle(props.handle, () => ({
    focus: () => focusRow(scroller.current, current),
    scrollToTop: () => scroller.current?.scrollTo({ top: 0 })
  }));
  React.useEffect(() => {
    // a row that is read gets another key, and with it another element
    const lost =
      held.current?.isConnected === false &&
      document.activeElement === document.body;
    if (moved.current || lost) {
      moved.current = false;
      focusRow(scroller.current, current);
    }
  });
  const go = (index: number) => {
    const to = Math.max(0, Math.min(props.count - 1, index));
    moved.current = true;
    setFocused(to);
    virtual.scrollToIndex(to);
    return to;
  };
  const page = Math.max(1, last - first);
  return (
    <div
      ref={scroller}
      className="jp-mlrun-grid"
      role="treegrid"
      aria-label={props.label}
      aria-rowcount={(props.total ?? props.count) + (props.header ? 1 : 0)}
      aria-multiselectable={props.onSelect ? true : undefined}
      onFocus={event => (held.current = event.target)}
      onBlur={({ target }) =>
        queueMicrotask(() => {
          // who leaves a row that is still there goes elsewhere
          if (target.isConnected && held.current === target) {
            held.current = null;
          }
        })
      }
      onScroll={event => props.onAtTop?.(event.currentTarget.scrollTop < 4)}
      onKeyDown={event =>
        onGridKey(event, { ...props, current, page, go, scroller })
      }
    >
      {props.header}
      <div
        className="jp-mlrun-grid-rows"
        role="rowgroup"
        style={{ height: virtual.getTotalSize(), width: props.width }}
      >
        {virtual.getVirtualItems().map(item => (
          <GridRow
            key={item.key}
            {...props}
            index={item.index}
            top={item.start}
            focused={item.index === current}
            onFocused={setFocused}
          />
        ))}
      </div>
    </div>
  );
}

function withRow(rows: number[], row: number, count: number): number[] {
  if (rows.includes(row) || row >= count) {
    return rows;
  }
  return [...rows, row].sort((a, b) => a - b);
}

function focusRow(grid: HTMLElement | null, index: number): void {
  grid
    ?.querySelector<HTMLElement>(`[data-index="${index}"]`)
    ?.focus({ preventScroll: true });
}

interface IRowProps extends ITreeGridProps {
  index: number;
  top: number;
  focused: boolean;
  onFocused: (index: number) => void;
}

// while one scrolls only the rows that come into view are drawn
const GridRow = React.memo(function GridRow(props: IRowProps) {
  const { index } = props;
  const row = props.row(index);
  const group = props.groupOf?.(index);
  const head = group ? (props.groupHeight ?? 0) : 0;
  const classes = ['jp-mlrun-row', row.className ?? ''];
  classes.push(row.selected ? 'jp-mod-selected' : '');
  return (
    <>
      {group && (
        <div
          className="jp-mlrun-group"
          role="presentation"
          style={{ transform: `translateY(${props.top}px)` }}
        >
          <span className="jp-mlrun-group-name">{group}</span>
        </div>
      )}
      <div
        className={classes.filter(Boolean).join(' ')}
        role="row"
        data-index={index}
        style={{
          transform: `translateY(${props.top + head}px)`,
          gridTemplateColumns: row.template
        }}
        tabIndex={props.focused ? 0 : -1}
        aria-rowindex={index + (props.header ? 2 : 1)}
        aria-label={row.label}
        aria-level={row.level ?? 1}
        aria-expanded={row.expanded}
        aria-selected={row.selected ?? false}
        draggable={props.dragTextOf ? true : undefined}
        onDragStart={event => onDragStart(event, props)}
        onFocus={() => props.onFocused(index)}
        onClick={event => onRowClick(event, props)}
        onDoubleClick={event => {
          if (!isControl(event.target)) {
            props.onOpen(index, false);
          }
        }}
        onContextMenu={event => {
          if (props.onMenu) {
            event.preventDefault();
            event.stopPropagation();
            props.onMenu(index, event);
          }
        }}
      >
        {props.cells(index)}
      </div>
    </>
  );
});

function onDragStart(event: React.DragEvent, props: IRowProps): void {
  const text = props.dragTextOf?.(props.index);
  if (text) {
    event.dataTransfer.setData('text/plain', text);
    event.dataTransfer.effectAllowed = 'copy';
  } else {
    event.preventDefault();
  }
}

function isControl(target: EventTarget): boolean {
  return (
    target instanceof Element && target.closest('button, input, a') !== null
  );
}

function onRowClick(event: React.MouseEvent, props: IRowProps): void {
  if (isControl(event.target)) {
    return;
  }
  const how = event.shiftKey
    ? 'extend'
    : event.ctrlKey || event.metaKey
      ? 'toggle'
      : 'only';
  props.onSelect?.(props.index, how);
}

interface IKeyContext extends ITreeGridProps {
  current: number;
  page: number;
  go: (index: number) => number;
  scroller: React.RefObject<HTMLDivElement>;
}

function onGridKey(event: React.KeyboardEvent, grid: IKeyContext): void {
  const row = event.target;
  const onRow = row instanceof Element && row.getAttribute('role') === 'row';
  if (!grid.count || (!onRow && isControl(event.target))) {
    return;
  }
  if (moveKey(event, grid) || actionKey(event, grid)) {
    event.preventDefault();
    event.stopPropagation();
  }
}

function moveKey(event: React.KeyboardEvent, grid: IKeyContext): boolean {
  const { current, page } = grid;
  const to = {
    ArrowDown: current + 1,
    ArrowUp: current - 1,
    PageDown: current + page,
    PageUp: current - page,
    Home: 0,
    End: grid.count - 1
  }[event.key];
  if (to === undefined || event.altKey) {
    return false;
  }
  const reached = grid.go(to);
  if (event.shiftKey) {
    grid.onSelect?.(reached, 'extend');
  }
  return true;
}

function actionKey(event: React.KeyboardEvent, grid: IKeyContext): boolean {
  const { current } = grid;
  const accel = event.ctrlKey || event.metaKey;
  if (event.key === 'Enter') {
    grid.onOpen(current, accel);
  } else if (event.key === ' ') {
    grid.onSelect?.(current, 'toggle');
  } else if (accel && event.key.toLowerCase() === 'a') {
    grid.onSelect?.(current, 'all');
  } else if (event.key === 'ArrowRight' || event.key === 'ArrowLeft') {
    return expandKey(event, grid);
  } else if (
    event.key === 'ContextMenu' ||
    (event.shiftKey && event.key === 'F10')
  ) {
    grid.onMenu?.(current, event);
  } else {
    return !accel && !event.altKey && (grid.onKey?.(event, current) ?? false);
  }
  return true;
}

function expandKey(event: React.KeyboardEvent, grid: IKeyContext): boolean {
  const { expanded } = grid.row(grid.current);
  const wanted = (event.key === 'ArrowRight') !== isRightToLeft(event.target);
  const parent = wanted ? null : grid.parentOf?.(grid.current);
  if (parent !== null && parent !== undefined) {
    grid.go(parent);
    return true;
  }
  if (expanded === undefined || expanded === wanted) {
    return false;
  }
  grid.onExpand?.(grid.current, wanted);
  return true;
}
