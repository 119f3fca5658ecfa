import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';

const KERNEL = {
  name: 'python3',
  display_name: 'Python 3',
  language: 'python'
};

/** Make a notebook of cells below one that loads the extension, which is run. */
export async function makeNotebook(
  page: IJupyterLabPageFixture,
  path: string,
  cells: readonly string[]
): Promise<void> {
  const sources = ['%load_ext jupyter_mlrun\nimport time', ...cells];
  const notebook = {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { kernelspec: KERNEL },
    cells: sources.map((source, index) => ({
      cell_type: 'code',
      id: `cell-${index}`,
      execution_count: null,
      metadata: {},
      outputs: [],
      source
    }))
  };
  // an editor would indent what is typed into it
  await page.contents.uploadContent(JSON.stringify(notebook), 'text', path);
  await page.notebook.openByPath(path);
  await page.notebook.activate(path.split('/').pop() ?? '');
  await page.notebook.runCell(0, true);
}

/** Run a cell without waiting for its end. */
export async function startCell(
  page: IJupyterLabPageFixture,
  index: number
): Promise<void> {
  await page.notebook.selectCells(index);
  await page.keyboard.press('Control+Enter');
}

/** The card below the cell that ran as `name`. */
export function cardOf(page: IJupyterLabPageFixture, name: string): Locator {
  return page
    .locator('.jp-mlrun-card')
    .filter({ has: page.locator('.jp-mlrun-card-name', { hasText: name }) });
}

/** Run a cell to its end and give the run's id. */
export async function runToEnd(
  page: IJupyterLabPageFixture,
  index: number,
  name: string,
  state = 'completed'
): Promise<string> {
  await startCell(page, index);
  const card = cardOf(page, name);
  await card
    .and(page.locator(`[data-state=${state}]`))
    .waitFor({ timeout: 60000 });
  return (await card.getAttribute('data-uid')) ?? '';
}
