import { FunctionModel, readFunctionLines } from '../../models/function';
import { countChanges } from '../../models/lines';
import { makeService, pause } from './answers';

const source = (text: string) => ({
  kind: 'local',
  metadata: { name: 'train', project: 'churn' },
  spec: { build: { functionSourceCode: btoa(text) } }
});
const version = (hash: string, tag?: string) => ({
  kind: 'local',
  metadata: { name: 'train', project: 'churn', hash, tag },
  spec: {}
});

describe('functions', () => {
  it('say whether they are deployed or need a build', async () => {
    const row = (name: string, more: object) => ({
      project: 'churn',
      name,
      kind: 'job',
      labels: {},
      state: '',
      needs_build: false,
      ...more
    });
    const { service } = makeService(() => [
      row('a', {}),
      row('b', { state: 'ready' }),
      row('c', { needs_build: true }),
      row('d', { state: 'error' })
    ]);
    const lines = await readFunctionLines(service.settings, 'churn');
    expect(lines.map(({ state }) => state)).toEqual([
      'stored',
      'ready',
      'unbuilt',
      'error'
    ]);
  });

  it('have versions with tags, changes and runs', async () => {
    const { service, asked } = makeService(one =>
      one.path.endsWith('/usage')
        ? { usage: { new: { runs: 3, last: null } } }
        : one.path.endsWith('/train')
          ? {
              func: source(
                one.query.get('hash_key') === 'new' ? 'a\nb\nc\n' : 'a\nb2\n'
              )
            }
          : {
              funcs: [
                version('new', 'latest'),
                version('new', 'prod'),
                version('old')
              ]
            }
    );
    const ref = { project: 'churn', name: 'train' };
    const model = new FunctionModel(service, ref);
    await pause(10);
    const versions = model.value ?? [];
    expect(versions.map(({ hash, tags }) => [hash, tags])).toEqual([
      ['new', ['latest', 'prod']],
      ['old', []]
    ]);
    expect(model.changes('old', 'new')).toBeNull();
    await model.readAround(versions);
    expect(model.changes('old', 'new')).toEqual({ added: 2, removed: 1 });
    expect(model.usage('new')?.runs).toBe(3);
    expect(model.usage('old')?.runs).toBe(0);
    const usage = asked.find(({ path }) => path.endsWith('/usage'));
    expect(usage?.query.getAll('hash')).toEqual(['new', 'old']);
    model.dispose();
  });

  it('are chosen two at a time', async () => {
    const { service } = makeService(() => ({ funcs: [version('a')] }));
    const ref = { project: 'churn', name: 'train' };
    const model = new FunctionModel(service, ref);
    model.choose('a', true);
    model.choose('b', true);
    model.choose('c', true);
    expect(model.chosen).toEqual(['b', 'c']);
    model.choose('b', false);
    expect(model.chosen).toEqual(['c']);
    model.dispose();
  });

  it('count the lines that change', () => {
    expect(countChanges('a\nb\n', 'a\nc\nd\n')).toEqual({
      added: 2,
      removed: 1
    });
  });
});
