import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Dialog, Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import type { IFunction } from '../../api/documents';
import { exportFunction, exportRun } from '../../panels/export/objects';
import { makeService, pause } from '../models/answers';

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
  await pause(100);
  return done;
}

const button = (name: string) =>
  [...document.querySelectorAll('button')].find(
    each => each.textContent === name
  ) as HTMLButtonElement;

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
    slow = 50;
    void open();
    await pause(150);
    enter(document.querySelector('.jp-mlrun-export input') as HTMLElement);
    await pause(300);
    expect(document.body.textContent).toContain('Replace fit.py?');
    button('Keep it').click();
    await pause(50);
    expect(saved).toEqual([]);
  });

  it('replaces what it has shown, and looks when nobody types', async () => {
    void open();
    await pause(700);
    expect(asked).toEqual(['fit.py']);
    expect(document.body.textContent).toContain('replaces a file');
    button('Save to folder').click();
    await pause(200);
    expect(saved).toEqual(['fit.py']);
  });

  it('saves no command line, and lets Enter press its own buttons', async () => {
    void open();
    await pause(200);
    expect(button('Save to folder').disabled).toBe(false);
    // not prevented: the browser presses the button
    expect(enter(button('Command line'))).toBe(true);
    button('Command line').click();
    await pause(50);
    expect(button('Save to folder').disabled).toBe(true);
    enter(document.querySelector('.jp-Dialog-content') as HTMLElement);
    await pause(50);
    expect(button('Copy')).toBeTruthy();
    expect(saved).toEqual([]);
  });

  it('of a run gives what it was given, and the manifest of its job', async () => {
    void open('run');
    await pause(200);
    expect(document.body.textContent).toContain('Export run fit');
    button('Command line').click();
    await pause(50);
    expect(document.body.textContent).toContain('--param n=7');
    button('Job manifest').click();
    await pause(50);
    expect(document.body.textContent).toContain('# Make the Secret.');
    button('Save to folder').click();
    await pause(400);
    button('Replace').click();
    await pause(100);
    expect(saved).toEqual(['fit-job.yaml']);
  });

  it('says why there is no manifest, and saves and copies none', async () => {
    manifest = 400;
    void open();
    await pause(200);
    button('Job manifest').click();
    await pause(50);
    expect(document.body.textContent).toContain('status 400');
    expect(button('Save to folder').disabled).toBe(true);
    expect(button('Copy').disabled).toBe(true);
    button('Python module').click();
    await pause(50);
    expect(button('Copy').disabled).toBe(false);
  });
});
