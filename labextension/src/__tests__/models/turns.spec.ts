import { ComparedRuns } from '../../models/comparedRuns';
import { ObjectModel } from '../../models/objectModel';
import { rowOf } from '../../models/run';
import { RunTabModel } from '../../panels/run/model';
import type { IRun } from '../../api/documents';
import { IAsked, makeService, pause } from './answers';

const ref = { project: 'p', uid: 'u1' };

const doc = (uid: string, results = {}, labels = {}): IRun => ({
  metadata: { name: 'train', project: 'p', uid, labels },
  spec: {},
  status: { state: 'running', results }
});

/** Answers that come in the order in which a test lets them go. */
function heldAnswers(held: (asked: IAsked) => boolean) {
  const waiting: ((answer: unknown) => void)[] = [];
  return {
    waiting,
    answer: (asked: IAsked) =>
      held(asked) ? new Promise<unknown>(resolve => waiting.push(resolve)) : 404
  };
}

const artifact = (key: string) => ({
  artifacts: [{ kind: 'artifact', metadata: { key, project: 'p' }, spec: {} }]
});

describe('an older answer', () => {
  it('does not replace newer artifacts of a run, nor its failure tell of them', async () => {
    const { waiting, answer } = heldAnswers(({ path }) =>
      path.includes('artifacts')
    );
    const { service } = makeService(answer);
    const model = new RunTabModel(service, ref);
    const readings = [0, 1, 2].map(() => model.readArtifacts());
    await pause(5);
    waiting[2](artifact('new'));
    await readings[2];
    waiting[0](artifact('old'));
    waiting[1](503);
    await Promise.all(readings);
    expect(model.artifacts.map(({ metadata }) => metadata.key)).toEqual([
      'new'
    ]);
    expect(model.artifactsFailure).toBeNull();
    model.dispose();
  });

  it('does not replace a newer one in a comparison', async () => {
    const { waiting, answer } = heldAnswers(({ path }) => path.includes('u1'));
    const { service } = makeService(answer);
    const model = new ComparedRuns(service, [ref]);
    const second = model.load();
    await pause(5);
    waiting[1]({ data: doc('u1', { n: 2 }) });
    await second;
    waiting[0]({ data: doc('u1', { n: 1 }) });
    await pause(5);
    expect(model.runs[0].status.results).toEqual({ n: 2 });
    model.dispose();
  });
});

describe('ObjectModel', () => {
  it('is read again by the runs that concern it alone', async () => {
    const { service, emit } = makeService(() => 404);
    let readings = 0;
    const model = new ObjectModel(
      service,
      { project: 'p', name: 'nightly' },
      async () => ++readings,
      ['schedule', 'run'],
      run => run.labels.by === 'nightly'
    );
    const tell = async (labels: object) => {
      const summary = rowOf(doc('u1', {}, labels));
      emit({ kind: 'run', project: 'p', uid: 'u1', name: 'train', summary });
      await pause(400);
    };
    await tell({ by: 'weekly' });
    expect(readings).toBe(1);
    await tell({ by: 'nightly' });
    expect(readings).toBe(2);
    emit({ kind: 'schedule', project: 'p', name: 'weekly' });
    await pause(400);
    expect(readings).toBe(2);
    emit({ kind: 'schedule', project: 'p', name: 'nightly' });
    await pause(400);
    expect(readings).toBe(3);
    model.dispose();
  });
});
