import { nullTranslator } from '@jupyterlab/translation';
import { FormModel } from '../../panels/form/model';
import { IAsked, makeService } from '../models/answers';

const run = {
  metadata: {
    name: 'train',
    project: 'churn',
    uid: 'u1',
    labels: { kind: 'local' }
  },
  spec: {
    function: 'churn/train@abc',
    handler: 'train',
    parameters: { n: 100, impute: 'median' },
    inputs: { data: 'x.csv' },
    returns: ['accuracy'],
    secrets: ['TOKEN']
  },
  status: { state: 'completed' }
};

const kept = {
  secret_sources: [{ kind: 'project', source: 'TOKEN' }],
  notifications: [{ kind: 'mail', name: 'mail', when: ['error'] }]
};

const code = {
  kind: 'local',
  metadata: { name: 'train', project: 'churn' },
  spec: {
    entry_points: {
      train: {
        name: 'train',
        doc: 'Fit a model.',
        parameters: [
          { name: 'n', type: 'int', default: 100 },
          { name: 'impute', type: 'str', default: 'none' }
        ]
      }
    }
  }
};

function makeForm(
  send: (asked: IAsked) => unknown = () => ({ data: run }),
  from: object = run
) {
  const made = makeService(asked =>
    asked.method === 'POST'
      ? send(asked)
      : asked.path.includes('/functions/')
        ? { func: code }
        : asked.path.includes('/artifacts')
          ? { artifacts: [] }
          : asked.path === 'lab/status'
            ? { kinds: ['job', 'local'] }
            : { data: from }
  );
  const trans = nullTranslator.load('jupyter_mlrun');
  const model = new FormModel(
    made.service,
    { project: 'churn', uid: 'u1' },
    trans
  );
  return { ...made, model };
}

describe('FormModel', () => {
  it('begins with the values of the run', async () => {
    const { model } = makeForm();
    await model.open();
    expect(model.loaded).toBe(true);
    expect(model.name).toBe('train');
    expect(model.text('p n')).toBe('100');
    expect(model.text('i data')).toBe('x.csv');
    expect(model.changes).toBe(0);
    expect(model.line).toBe(
      '%mlrun run train -p impute=median -i data=x.csv -o accuracy --project churn'
    );
  });

  it('sends what was typed, and secrets beside it', async () => {
    const { model, asked } = makeForm();
    await model.open();
    model.type('p n', '250');
    model.type('i data', 'y.csv');
    model.type('s TOKEN', 'hush');
    expect(model.changes).toBe(2);
    expect(await model.submit()).toEqual({
      run: { project: 'churn', uid: 'u1' }
    });
    const post = asked.find(one => one.method === 'POST');
    expect(post?.path).toBe('lab/runs/churn/u1/rerun');
    expect(post?.body).toEqual({
      parameters: { n: 250, impute: 'median' },
      inputs: { data: 'y.csv' },
      secrets: { TOKEN: 'hush' }
    });
    expect(model.line).not.toContain('hush');
  });

  it('does not send a wrong value', async () => {
    const { model, asked } = makeForm();
    await model.open();
    model.type('p n', 'many');
    expect(await model.submit()).toBeNull();
    expect(model.wrong?.name).toBe('n');
    expect(asked.filter(one => one.method === 'POST')).toHaveLength(0);
  });

  it('says why the run did not start, and keeps what was typed', async () => {
    const { model } = makeForm(() => 409);
    await model.open();
    model.type('p n', '250');
    expect(await model.submit()).toBeNull();
    expect(model.failure).toBe('status 409');
    expect(model.text('p n')).toBe('250');
  });

  it('saves a schedule with what was typed', async () => {
    const { model, asked } = makeForm(() => ({ data: {} }), {
      ...run,
      spec: { ...run.spec, ...kept, secrets: [] }
    });
    await model.open();
    expect(model.canSchedule).toBe(true);
    model.type('p n', '250');
    model.when({});
    model.when({ text: '30 6 * * mon', zone: 'Europe/Oslo', busy: 'wait' });
    expect(model.line).toContain(
      '%mlrun schedule train "CRON_TZ=Europe/Oslo 30 6 * * mon" -p n=250'
    );
    expect(await model.submit()).toEqual({
      schedule: { project: 'churn', name: 'train' }
    });
    const post = asked.find(one => one.method === 'POST');
    expect(post?.path).toBe('submit_job');
    expect(post?.body).toEqual({
      task: {
        metadata: { name: 'train', project: 'churn' },
        spec: {
          ...kept,
          function: 'churn/train@abc',
          handler: 'train',
          parameters: { n: 250, impute: 'median' },
          inputs: { data: 'x.csv' },
          returns: ['accuracy']
        }
      },
      schedule: 'CRON_TZ=Europe/Oslo 30 6 * * mon',
      if_late: 'run',
      if_busy: 'wait'
    });
    model.when(null);
    expect(model.line).toContain('%mlrun run train');
  });

  it('submits the run anew where more than values was changed', async () => {
    const { model, asked } = makeForm(() => ({ data: run }), {
      ...run,
      spec: { ...run.spec, ...kept, secrets: [], limits: { cpu: 1 } }
    });
    await model.open();
    model.wishes.toggle('accuracy');
    model.wishes.add('model');
    model.wishes.setLimit('timeout', '15m');
    model.wishes.kind = 'job';
    expect(model.line).toContain('-o model --kind job --timeout 15m --cpu 1');
    expect(model.dryRun.shipped.map(({ name }) => name)).toContain('model');
    expect(await model.submit()).toEqual({
      run: { project: 'churn', uid: 'u1' }
    });
    const post = asked.find(one => one.method === 'POST');
    expect(post?.path).toBe('submit_job');
    expect(post?.body).toMatchObject({
      task: {
        metadata: {
          name: 'train',
          project: 'churn',
          labels: { kind: 'local' }
        },
        spec: {
          ...kept,
          function: 'churn/train@abc',
          returns: ['model'],
          limits: { timeout: 900, cpu: 1 }
        }
      },
      function: { kind: 'job', metadata: { name: 'train' } }
    });
  });

  it('does not start without an input that the function needs', async () => {
    const { model, asked } = makeForm();
    await model.open();
    model.type('i data', ' ');
    expect(await model.submit()).toBeNull();
    expect(model.misses('data')).toBe(true);
    expect(asked.filter(one => one.method === 'POST')).toHaveLength(0);
  });

  it('cannot schedule what asks for secrets', async () => {
    const { model } = makeForm();
    await model.open();
    expect(model.canSchedule).toBe(false);
  });
});
