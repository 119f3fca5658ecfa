import type { IArtifact, IRun, IRunRow } from '../../api/documents';
import { lineageOf, producerOf } from '../../models/lineage';

describe('producerOf', () => {
  it.each([
    ['store://models/p/train_model#0@abc', 'p', 'abc', 'train_model'],
    ['store://datasets/other/df@abc', 'other', 'abc', 'df'],
    ['store://artifacts/df#0@abc', 'mine', 'abc', 'df']
  ])('%s', (uri, project, uid, key) => {
    expect(producerOf(uri, 'mine')).toEqual({ ref: { project, uid }, key });
  });

  it.each(['/data/x.csv', 's3://a/b@c', 'store://models/p/m:latest'])(
    '%s is of no run',
    uri => expect(producerOf(uri, 'p')).toBeNull()
  );
});

describe('lineageOf', () => {
  it('goes one step each way', () => {
    const run = {
      metadata: { name: 'train', project: 'p', uid: 'u1' },
      spec: {
        inputs: { df: 'store://datasets/p/prep_df#0@u0', raw: '/x.csv' }
      },
      status: { state: 'completed' }
    } as unknown as IRun;
    const model = {
      kind: 'model',
      metadata: { key: 'model', project: 'p' },
      spec: { db_key: 'train_model' }
    } as unknown as IArtifact;
    const row = { name: 'train', state: 'completed' } as IRunRow;
    const user = (uid: string, uri: string) => ({
      row: { project: 'p', uid, name: uid, state: 'error' } as IRunRow,
      inputs: { model: uri }
    });
    const { nodes, edges } = lineageOf(
      run,
      row,
      [model],
      [
        user('u2', 'store://models/p/train_model#0@u1'),
        user('u3', 'store://artifacts/p/gone#0@u1')
      ]
    );
    expect(nodes.map(node => [node.column, node.name])).toEqual([
      ['input', 'df'],
      ['input', 'raw'],
      ['run', 'train'],
      ['output', 'model'],
      ['user', 'u2'],
      ['user', 'u3']
    ]);
    expect(nodes[0].ref).toEqual({ project: 'p', uid: 'u0' });
    expect(nodes[1].ref).toBeNull();
    expect(edges).toEqual([
      ['input df', 'run'],
      ['input raw', 'run'],
      ['run', 'output model'],
      ['output model', 'user u2'],
      ['run', 'user u3']
    ]);
  });
});
