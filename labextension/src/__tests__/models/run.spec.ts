import type { IRun } from '../../api/documents';
import { RunModel, rowOf } from '../../models/run';
import { makeService, pause } from './answers';

const ref = { project: 'p', uid: 'u1' };

const doc = (state: string, results = {}): IRun => ({
  metadata: {
    name: 'train',
    project: 'p',
    uid: 'u1',
    labels: { kind: 'local', owner: 'ana' }
  },
  spec: {
    parameters: { n: 1 },
    origin: { notebook: 'a.ipynb', cell_id: 'c1' }
  },
  status: {
    state,
    results,
    start_time: '2026-11-21T10:00:00+00:00',
    end_time: state === 'completed' ? '2026-11-21T10:00:05+00:00' : null,
    last_update: '2026-11-21T10:00:05+00:00'
  }
});

describe('rowOf', () => {
  it('is what lists show', () => {
    expect(rowOf(doc('completed', { a: 1 }))).toMatchObject({
      name: 'train',
      state: 'completed',
      duration: 5,
      kind: 'local',
      owner: 'ana',
      results: { a: 1 },
      notebook: 'a.ipynb',
      cell_id: 'c1'
    });
  });

  it('has no duration while it runs', () => {
    expect(rowOf(doc('running')).duration).toBeNull();
  });
});

describe('RunModel', () => {
  it('reads a run, and again when it has ended', async () => {
    const server = { run: doc('running') };
    const { service, emit, asked } = makeService(() => ({ data: server.run }));
    const model = new RunModel(service, ref);
    await model.refresh();
    expect(model.row?.state).toBe('running');
    server.run = doc('completed', { a: 2 });
    emit({
      kind: 'run',
      project: 'p',
      uid: 'u1',
      action: 'updated',
      summary: rowOf(server.run)
    });
    expect(model.row?.state).toBe('completed');
    await pause(5);
    expect(model.doc?.status.results).toEqual({ a: 2 });
    emit({
      kind: 'run',
      project: 'p',
      uid: 'u1',
      action: 'updated',
      summary: rowOf(server.run)
    });
    await pause(5);
    expect(asked).toHaveLength(2);
    model.dispose();
  });

  it('leaves an answer that a later one has overtaken', async () => {
    const ended = doc('completed', { a: 2 });
    const { service, emit, asked } = makeService(async () => {
      const first = asked.length === 1;
      await pause(first ? 30 : 0);
      return { data: first ? doc('running') : ended };
    });
    const model = new RunModel(service, ref);
    const slow = model.refresh();
    await pause(5);
    const summary = rowOf(ended);
    emit({ kind: 'run', project: 'p', uid: 'u1', action: 'updated', summary });
    await slow;
    expect(asked).toHaveLength(2);
    expect(model.doc).toEqual(ended);
    expect(model.row?.state).toBe('completed');
    model.dispose();
  });

  it('takes no notice of other runs and of iterations', async () => {
    const { service, emit } = makeService(() => ({ data: doc('running') }));
    const model = new RunModel(service, ref);
    await model.refresh();
    const other = { ...rowOf(doc('error')), uid: 'u2' };
    emit({ kind: 'run', project: 'p', uid: 'u2', summary: other });
    emit({
      kind: 'run',
      project: 'p',
      uid: 'u1',
      iter: 3,
      summary: { ...rowOf(doc('error')), iter: 3 }
    });
    expect(model.row?.state).toBe('running');
    model.dispose();
  });

  it('takes a refused stop back and says why', async () => {
    const { service } = makeService(asked =>
      asked.method === 'POST' ? 409 : { data: doc('running') }
    );
    const model = new RunModel(service, ref);
    await model.refresh();
    const stopping = model.stop();
    expect(model.row?.state).toBe('aborting');
    await stopping;
    expect(model.row?.state).toBe('running');
    expect(model.failure).toBe('status 409');
    model.dispose();
  });

  it('knows that a run is gone', async () => {
    const { service, emit } = makeService(() => 404);
    const model = new RunModel(service, ref);
    await model.refresh();
    expect(model.gone).toBe(true);
    const other = new RunModel(service, { project: 'p', uid: 'u9' });
    emit({ kind: 'run', action: 'deleted', project: 'p', uid: 'u9' });
    expect(other.gone).toBe(true);
  });

  it('encodes what it puts into an address', async () => {
    const { service, asked } = makeService(() => ({ data: doc('running') }));
    const model = new RunModel(service, { project: 'p', uid: '..' });
    await model.refresh();
    expect(asked).toHaveLength(0);
    expect(model.failure).toContain("'..' is not a name");
  });
});
