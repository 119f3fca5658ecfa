import type { IArtifact } from '../../api/documents';
import {
  addressOf,
  groupOf,
  loadingLines,
  makerOf,
  readArtifactRows,
  readArtifactVersions
} from '../../models/artifact';
import { makeService } from './answers';

function made(
  kind: string,
  spec: IArtifact['spec'] = {},
  metadata: Partial<IArtifact['metadata']> = {}
): IArtifact {
  return {
    kind,
    metadata: {
      key: 'out',
      project: 'churn',
      tree: 'u1',
      uid: 'a1',
      ...metadata
    },
    spec
  };
}

describe('artifacts', () => {
  it.each([
    ['model', {}, 'model'],
    ['dataset', {}, 'dataset'],
    ['artifact', { target_path: '/x/roc.png' }, 'plot'],
    ['', { target_path: '/x/notes.txt' }, 'file']
  ])('kind %s %o is a %s', (kind, spec, group) => {
    expect(groupOf(made(kind, spec))).toBe(group);
  });

  it('has an address by its tag, else by its producer', () => {
    const artifact = made('dataset', {}, { iter: 3 });
    expect(addressOf(artifact, ['latest', 'v2'])).toBe(
      'store://datasets/churn/out:v2'
    );
    expect(addressOf(artifact, ['latest'])).toBe(
      'store://datasets/churn/out#3@u1'
    );
    expect(addressOf(made('model', { db_key: 'train_out' }))).toBe(
      'store://models/churn/train_out@u1'
    );
  });

  it('is loaded as what it is', () => {
    expect(loadingLines(made('dataset'), ['v1'])).toBe(
      'from jupyter_mlrun import get_dataitem\n\nout = get_dataitem("store://datasets/churn/out:v1").as_df()\n'
    );
    expect(loadingLines(made('', {}, { key: '2 files' }))).toContain(
      '_2_files = get_dataitem("store://artifacts/churn/2 files@u1")\n'
    );
    const model = loadingLines(made('model', { model_file: 'm.pkl' }));
    expect(model).toContain('get_model("store://models/churn/out@u1")');
    expect(model).toContain('out = pickle.load(file)');
  });

  it('names the run that made it, where a run did', () => {
    const producer = { kind: 'run', uri: 'other/u7' };
    expect(makerOf(made('', { producer }))).toEqual({
      project: 'other',
      uid: 'u7'
    });
    expect(makerOf(made('', { producer: { kind: 'run' } }))).toEqual({
      project: 'churn',
      uid: 'u1'
    });
    expect(makerOf(made('', { producer: { kind: 'project' } }))).toBeNull();
  });

  it('gathers the tags of each version, newest first', async () => {
    const at = (uid: string, tag: string | undefined, updated: string) =>
      made('', {}, { uid, tag, updated });
    const { service, asked } = makeService(() => ({
      artifacts: [
        at('a1', 'v1', '2026-01-01T00:00:00Z'),
        at('a2', 'latest', '2026-01-02T00:00:00Z'),
        at('a2', 'prod', '2026-01-02T00:00:00Z')
      ]
    }));
    const ref = { project: 'churn', name: 'out' };
    const versions = await readArtifactVersions(service.settings, ref);
    expect(versions.map(({ tags }) => tags)).toEqual([
      ['latest', 'prod'],
      ['v1']
    ]);
    expect(asked[0].query.get('name')).toBe('out');
  });

  it('is gone where there is no version left', async () => {
    const { service } = makeService(() => ({ artifacts: [] }));
    const ref = { project: 'churn', name: 'out' };
    await expect(
      readArtifactVersions(service.settings, ref)
    ).rejects.toMatchObject({ status: 404 });
  });

  it('lists the newest of each key, of all projects too', async () => {
    const { service, asked } = makeService(() => ({
      artifacts: [
        made('model', {}, { key: 'old', updated: '2026-01-01T00:00:00Z' }),
        made('dataset', {}, { key: 'new', updated: '2026-01-02T00:00:00Z' })
      ]
    }));
    const { rows, token } = await readArtifactRows(service.settings, null, {
      name: 'e'
    });
    expect(rows.map(({ name, state }) => [name, state])).toEqual([
      ['old', 'model'],
      ['new', 'dataset']
    ]);
    expect(token).toBe('');
    expect(asked[0].query.get('name')).toBe('~e');
    expect(asked[0].path).toContain('projects/*/artifacts');
  });
});
