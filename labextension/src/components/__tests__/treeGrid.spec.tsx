import React, { act } from 'react';
import { createRoot, Root } from 'react-dom/client';
import { ITreeGridProps, TreeGrid } from '../treeGrid';

// jsdom lays nothing out: without a height the virtualiser draws no row at all
for (const [name, value] of [
  ['offsetHeight', 260],
  ['clientHeight', 260],
  ['offsetWidth', 300],
  ['clientWidth', 300]
] as const) {
  Object.defineProperty(HTMLElement.prototype, name, {
    configurable: true,
    value
  });
}
(
  globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }
).IS_REACT_ACT_ENVIRONMENT = true;
HTMLElement.prototype.scrollTo = function scrollTo(options?: unknown) {
  this.scrollTop = (options as { top: number }).top;
};

let root: Root;
let host: HTMLElement;
let calls: unknown[][];

async function draw(change: Partial<ITreeGridProps> = {}) {
  const note =
    (name: string) =>
    (...args: unknown[]) => {
      calls.push([name, ...args]);
    };
  await act(async () => {
    root.render(
      <TreeGrid
        label="Runs"
        count={100000}
        rowHeight={26}
        groupHeight={22}
        keyOf={index => index}
        row={index => ({ label: `run ${index}`, selected: index === 2 })}
        groupOf={index => (index === 0 ? 'Today' : null)}
        cells={index => <span role="gridcell">{index}</span>}
        onOpen={note('open')}
        onSelect={note('select')}
        onMenu={index => note('menu')(index)}
        onExpand={note('expand')}
        onKey={(event, index) => {
          note('key')(event.key, index);
          return event.key === 'l';
        }}
        {...change}
      />
    );
  });
}

const rows = () => [...host.querySelectorAll<HTMLElement>('[role=row]')];
const press = async (key: string, more: KeyboardEventInit = {}) => {
  const target = document.activeElement ?? host;
  await act(async () => {
    target.dispatchEvent(
      new KeyboardEvent('keydown', { key, bubbles: true, ...more })
    );
  });
};

beforeEach(() => {
  calls = [];
  host = document.createElement('div');
  document.body.append(host);
  root = createRoot(host);
});

afterEach(async () => {
  await act(async () => root.unmount());
  host.remove();
});

describe('TreeGrid', () => {
  it('has only the rows in view, and says how many there are', async () => {
    await draw();
    expect(rows().length).toBeGreaterThan(9);
    expect(rows().length).toBeLessThan(40);
    const grid = host.querySelector('[role=treegrid]')!;
    expect(grid.getAttribute('aria-rowcount')).toBe('100000');
    expect(rows()[0].getAttribute('aria-rowindex')).toBe('1');
    expect(rows()[2].getAttribute('aria-selected')).toBe('true');
    expect(host.textContent).toContain('Today');
  });

  it('has one tab stop', async () => {
    await draw();
    expect(rows().filter(row => row.tabIndex === 0)).toHaveLength(1);
  });

  it('moves, opens, selects and extends by keys', async () => {
    await draw();
    await act(async () => rows()[0].focus());
    await press('ArrowDown');
    expect(document.activeElement?.getAttribute('aria-label')).toBe('run 1');
    await press('ArrowDown', { shiftKey: true });
    await press(' ');
    await press('a', { ctrlKey: true });
    await press('Enter');
    await press('Enter', { ctrlKey: true });
    await press('F10', { shiftKey: true });
    expect(calls).toEqual([
      ['select', 2, 'extend'],
      ['select', 2, 'toggle'],
      ['select', 2, 'all'],
      ['open', 2, false],
      ['open', 2, true],
      ['menu', 2]
    ]);
  });

  it('hands on the keys that it does not use', async () => {
    await draw();
    await act(async () => rows()[0].focus());
    await press('l');
    await press('l', { ctrlKey: true });
    expect(calls).toEqual([['key', 'l', 0]]);
  });

  it('expands only rows that can be', async () => {
    await draw({
      row: index => ({
        label: `run ${index}`,
        expanded: index === 0 ? false : undefined
      })
    });
    await act(async () => rows()[0].focus());
    await press('ArrowLeft');
    await press('ArrowRight');
    await press('ArrowDown');
    await press('ArrowRight');
    expect(calls.filter(([name]) => name === 'expand')).toEqual([
      ['expand', 0, true]
    ]);
  });

  it('selects by click, with and without keys', async () => {
    await draw();
    const click = (index: number, init: MouseEventInit = {}) =>
      act(async () => {
        rows()[index].dispatchEvent(
          new MouseEvent('click', { bubbles: true, ...init })
        );
      });
    await click(1);
    await click(3, { shiftKey: true });
    await click(4, { ctrlKey: true });
    expect(calls).toEqual([
      ['select', 1, 'only'],
      ['select', 3, 'extend'],
      ['select', 4, 'toggle']
    ]);
  });
});

it('keeps the focus on a row that is read, and takes it from nobody', async () => {
  await draw();
  rows()[0].focus();
  await press('End');
  await draw({ keyOf: index => `run ${index}` });
  const focused = document.activeElement as HTMLElement;
  expect(focused.dataset.index).toBe('99999');
  await act(async () => focused.blur());
  await draw({ keyOf: index => `again ${index}` });
  expect(document.activeElement).toBe(document.body);
});
