import type { IArtifact } from '../../api/documents';
import { factOf, isPicture, previewOf, uriOf } from '../../models/preview';

const artifact = (
  kind: string,
  spec: IArtifact['spec'],
  status: IArtifact['status'] = {}
): IArtifact => ({
  kind,
  metadata: { key: 'k', project: 'p', tree: 'run1', iter: 0, uid: 'a1' },
  spec,
  status
});

describe('previewOf', () => {
  it.each([
    [
      'dataset',
      { format: 'parquet', header: ['a'] },
      { preview: [[1]] },
      'table'
    ],
    ['plot', { target_path: '/x/k.png' }, {}, 'image'],
    ['plot', { target_path: '/x/k.vl.json', format: 'json' }, {}, 'mimeBytes'],
    [
      'plotly',
      { format: 'html' },
      { preview_mime: { 'application/vnd.plotly.v1+json': {} } },
      'mime'
    ],
    ['plotly', { format: 'html' }, {}, 'html'],
    ['artifact', { format: 'html' }, {}, 'html'],
    ['artifact', { format: 'json' }, { preview_text: '{}' }, 'json'],
    ['artifact', { target_path: '/x/k.txt' }, {}, 'text'],
    [
      'model',
      { target_path: '/x/k/', model_file: 'm.pkl' },
      { preview_text: 'x' },
      'model'
    ],
    ['artifact', { format: 'bin' }, {}, 'none'],
    ['artifact', { format: 'bin' }, { preview_text: 'repr' }, 'text']
  ])('%s %j %j is a %s', (kind, spec, status, found) => {
    expect(previewOf(artifact(kind, spec, status as never)).kind).toBe(found);
  });

  it('takes the header from the schema where there is none', () => {
    const preview = previewOf(
      artifact(
        'dataset',
        { schema: { fields: [{ name: 'a' }, { name: 'b' }] }, length: 5 },
        { preview: [[1, 2]] }
      )
    );
    expect(preview).toEqual({
      kind: 'table',
      header: ['a', 'b'],
      rows: [[1, 2]],
      length: 5
    });
  });
});

it('knows pictures', () => {
  expect(isPicture({ kind: 'image', mime: 'image/png' })).toBe(true);
  expect(isPicture({ kind: 'model' })).toBe(false);
});

it('names an artifact as code takes it', () => {
  expect(uriOf(artifact('model', { db_key: 'train_k' }))).toBe(
    'store://models/p/train_k#0@run1'
  );
});

it('says how wide a table is of which the first columns are described', () => {
  const wide = artifact('dataset', { length: 5, header: ['a', 'b'] });
  expect(factOf({ ...wide, status: { header_original_length: 300 } })).toBe(
    '5 × 300'
  );
});

it('shows a folder as a folder', () => {
  const folder = artifact('dir', { target_path: '/x/folder/' });
  expect(previewOf(folder)).toEqual({ kind: 'folder' });
});

it('says what an artifact holds', () => {
  expect(factOf(artifact('dataset', { length: 5, header: ['a', 'b'] }))).toBe(
    '5 × 2'
  );
  expect(
    factOf(artifact('model', { algorithm: 'Forest', framework: 'sklearn' }))
  ).toBe('Forest, sklearn');
});
