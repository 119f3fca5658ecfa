import { expect, test as base } from '@jupyterlab/galata';
import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import * as fs from 'fs';

export { expect };
export type { IJupyterLabPageFixture };

const OURS = /labextensions\/jupyter-mlrun\//;

/** Galata's test, which also fails on errors in the page that come from our code. */
export const test = base.extend<{ pageErrors: string[] }>({
  pageErrors: [
    async ({ page }, use, info) => {
      const errors: string[] = [];
      page.context().on('weberror', error => {
        const { stack, message } = error.error();
        errors.push(stack ?? message);
      });
      await use(errors);
      if (errors.length > 0) {
        const text = errors.join('\n\n');
        const file = info.outputPath('page-errors.txt');
        fs.writeFileSync(file, text);
        await info.attach('page-errors', { path: file });
        console.warn(`Errors in the page of "${info.title}":\n${text}`);
      }
      const ours = errors.filter(error => OURS.test(error));
      expect(ours, 'errors in the page that come from our code').toEqual([]);
    },
    { auto: true }
  ]
});
