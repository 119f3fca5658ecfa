import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { Locator, Page } from '@playwright/test';

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
  await openNotebook(page, path);
  await page.evaluate(async () => {
    const { commands, shell } = (window as any).jupyterapp;
    const panel = shell.currentWidget;
    await panel.sessionContext.ready;
    panel.content.activeCellIndex = 0;
    await commands.execute('notebook:run-cell');
  });
}

/** Open a notebook, as a page that names it would; the file browser follows it. */
export async function openNotebook(page: Page, path: string): Promise<void> {
  await page.evaluate(async path => {
    const app = (window as any).jupyterapp;
    await app.restored;
    const panel = await app.commands.execute('docmanager:open', { path });
    await panel.context.ready;
    app.shell.activateById(panel.id);
    await app.commands.execute('filebrowser:go-to-path', {
      path,
      dontShowBrowser: true
    });
  }, path);
}

/** Load the page anew and open the notebook in it. */
export async function reloadNotebook(page: Page, path: string): Promise<void> {
  // the fixture's own reload gives up after 15 s
  const [plain] = page.context().pages();
  await plain.reload();
  await plain.waitForFunction(() => 'jupyterapp' in window);
  await openNotebook(plain, path);
}

/** Save the notebook in front. */
export async function saveNotebook(page: Page): Promise<void> {
  await page.evaluate(() =>
    (window as any).jupyterapp.commands.execute('docmanager:save')
  );
}

/** Make a cell of the notebook in front the active one. */
export async function selectCell(page: Page, index: number): Promise<void> {
  await page.evaluate(async index => {
    const { content } = (window as any).jupyterapp.shell.currentWidget;
    content.activeCellIndex = index;
    content.mode = 'command';
    await content.scrollToCell(content.activeCell, 'smart');
    content.activate();
  }, index);
}

/** Run a cell without waiting for its end. */
export async function startCell(page: Page, index: number): Promise<void> {
  await selectCell(page, index);
  await page.evaluate(() => {
    void (window as any).jupyterapp.commands.execute('notebook:run-cell');
  });
}

/** The card below the cell that ran as `name`. */
export function cardOf(page: Page, name: string): Locator {
  return page
    .locator('.jp-mlrun-card')
    .filter({ has: page.locator('.jp-mlrun-card-name', { hasText: name }) });
}

/** Run a cell to its end and give the run's id. */
export async function runToEnd(
  page: Page,
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
