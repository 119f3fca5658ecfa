import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Dialog, Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import type { IFunction } from '../../api/documents';
import { exportFunction, exportRun } from '../../panels/export/objects';
import { makeService, pause, until } from '../models/answers';

const doc: IFunction = {
  kind: 'job',
  metadata: { name: 'fit', project: 'p', hash: 'abc', labels: {} },
  spec: {
    build: { functionSourceCode: btoa('def fit():\n    return 1\n') },
    entry_points: { fit: { name: 'fit' } }
  }
};

const run = {
  metadata: { name: 'fit', project: 'p', uid: 'u1' },
  spec: { function: 'p/fit@abc', handler: 'fit', parameters: { n: 7 } },
  status: { state: 'completed' }
};

let asked: string[];
let saved: string[];
let there: Record<string, string>;
/** How long the server takes to say what a file holds. */
let slow: number;
/** How the server answers the question for a manifest. */
let manifest: unknown;

async function open(of: 'function' | 'run' = 'function') {
  const { service } = makeService(({ path }) =>
    path.endsWith('/manifest')
      ? manifest
      : path.includes('/runs/')
        ? { data: run }
        : { func: doc }
  );
  const contents = {
    get: async (path: string) => {
      asked.push(path);
      await pause(slow);
      return { content: there[path] ?? 'other' };
    },
    save: async (path: string) => {
      saved.push(path);
    }
  };
  const context = {
    app: { serviceManager: { contents } } as unknown as JupyterFrontEnd,
    service,
    trans: nullTranslator.load(''),
    highlight: null,
    browser: null
  };
  const done =
    of === 'run'
      ? exportRun(context, { project: 'p', uid: 'u1' })
      : exportFunction(context, { project: 'p', name: 'fit' });
  await until(() => document.querySelector('.jp-mlrun-export button'));
  return { done };
}

const find = (name: string) =>
  [...document.querySelectorAll('button')].find(
    each => each.textContent === name
  );
const button = (name: string) => find(name) as HTMLButtonElement;
const shown = (text: string) =>
  until(() => document.body.textContent?.includes(text));

function enter(target: HTMLElement): boolean {
  target.focus();
  return target.dispatchEvent(
    new KeyboardEvent('keydown', {
      key: 'Enter',
      bubbles: true,
      cancelable: true
    })
  );
}

beforeEach(() => {
  [asked, saved, there, slow] = [[], [], {}, 0];
  manifest = { objects: [{ kind: 'Job' }], notes: ['Make the Secret.'] };
});

afterEach(() => {
  Dialog.flush();
  Notification.dismiss();
});

describe('the dialog of an export', () => {
  it('asks before it replaces what it has not shown', async () => {
    slow = 300;
    await open();
    enter(document.querySelector('.jp-mlrun-export input') as HTMLElement);
    await shown('Replace fit.py?');
    button('Keep it').click();
    await until(() => !find('Keep it'));
    expect(saved).toEqual([]);
  });

  it('replaces what it has shown, and looks when nobody types', async () => {
    await open();
    await shown('replaces a file');
    // what is drawn is told to the dialog a moment later
    await pause(20);
    expect(asked).toEqual(['fit.py']);
    button('Save to folder').click();
    await until(() => saved.length);
    expect(saved).toEqual(['fit.py']);
  });

  it('saves no command line, and lets Enter press its own buttons', async () => {
    await open();
    expect(button('Save to folder').disabled).toBe(false);
    // not prevented: the browser presses the button
    expect(enter(button('Command line'))).toBe(true);
    button('Command line').click();
    await until(() => button('Save to folder').disabled);
    enter(document.querySelector('.jp-Dialog-content') as HTMLElement);
    await pause(20);
    expect(button('Copy')).toBeTruthy();
    expect(saved).toEqual([]);
  });

  it('of a run gives what it was given, and the manifest of its job', async () => {
    await open('run');
    await shown('Export run fit');
    button('Command line').click();
    await shown('--param n=7');
    button('Job manifest').click();
    await shown('# Make the Secret.');
    button('Save to folder').click();
    await until(() => find('Replace') ?? saved.length);
    find('Replace')?.click();
    await until(() => saved.length);
    expect(saved).toEqual(['fit-job.yaml']);
  });

  it('says why there is no manifest, and saves and copies none', async () => {
    manifest = 400;
    await open();
    button('Job manifest').click();
    await shown('status 400');
    await until(() => button('Copy').disabled);
    expect(button('Save to folder').disabled).toBe(true);
    button('Python module').click();
    await until(() => !button('Copy').disabled);
  });
});
