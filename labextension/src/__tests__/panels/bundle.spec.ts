import type { IRun } from '../../api/documents';
import {
  RUN_MIME,
  factsOf,
  finalBundle,
  hintKey,
  parseCard
} from '../../panels/card/bundle';

const saved = {
  version: 1,
  project: 'default',
  uid: '4f2a91c0',
  name: 'train',
  kind: 'local',
  state: 'running',
  snapshot: {
    state: 'running',
    parameters: { n: 200 },
    outputs_declared: ['accuracy', 'model'],
    log_tail: ['1', '2', '3', '4', '5'],
    inputs: { data: 'x.csv' }
  }
};

describe('parseCard', () => {
  it('reads what a card needs', () => {
    const card = parseCard(saved);
    expect(card?.ref).toEqual({ project: 'default', uid: '4f2a91c0' });
    expect(card?.row.parameters).toEqual({ n: 200 });
    expect(card?.facts.declared).toEqual(['accuracy', 'model']);
    expect(card?.facts.tail).toEqual(['2', '3', '4', '5']);
  });

  it.each([
    ['nothing', undefined],
    ['text', 'run'],
    ['no uid', { project: 'default' }],
    ['a path for a uid', { project: 'default', uid: '../../api/contents' }],
    ['a query in a project', { project: 'a?b', uid: 'x' }],
    ['a number for a uid', { project: 'default', uid: 7 }]
  ])('refuses %s', (_, value) => {
    expect(parseCard(value)).toBeNull();
  });

  it('takes nothing of the wrong type from a saved notebook', () => {
    const card = parseCard({
      ...saved,
      snapshot: {
        state: 3,
        parameters: 'x',
        outputs_declared: [1, 'a'],
        artifacts: [null, { key: 5 }],
        error_frames: [
          {
            text: [
              ['1', 'x'],
              [2, 'y']
            ]
          }
        ],
        log_tail: { a: 1 }
      }
    });
    expect(card?.row.state).toBe('running');
    expect(card?.row.parameters).toEqual({});
    expect(card?.facts.declared).toEqual(['a']);
    expect(card?.facts.artifacts[1]).toEqual({
      key: '',
      kind: '',
      uri: '',
      size: null
    });
    expect(card?.facts.frames[0].text).toEqual([[2, 'y']]);
    expect(card?.facts.tail).toEqual([]);
  });
});

const ended: IRun = {
  metadata: { name: 'train', project: 'default', uid: '4f2a91c0' },
  spec: { returns: ['accuracy', 'model : model'], inputs: {} },
  status: {
    state: 'completed',
    start_time: '2026-11-21T10:00:00+00:00',
    end_time: '2026-11-21T10:00:04+00:00',
    results: { accuracy: 0.9 }
  }
};

describe('finalBundle', () => {
  it('keeps the card and writes the last word into it', () => {
    const bundle = finalBundle(saved, ended, ['last line']);
    const card = parseCard(bundle);
    expect(bundle.state).toBe('completed');
    expect(card?.row.state).toBe('completed');
    expect(card?.row.duration).toBe(4);
    expect(card?.row.results).toEqual({ accuracy: 0.9 });
    expect(card?.facts.tail).toEqual(['last line']);
    expect(card?.facts.declared).toEqual(['accuracy', 'model']);
  });
});

describe('factsOf', () => {
  it('prefers the document to what was saved', () => {
    const card = parseCard(saved);
    const facts = factsOf(ended, card!.facts);
    expect(facts.declared).toEqual(['accuracy', 'model']);
    expect(facts.inputs).toEqual({});
  });
});

describe('hintKey', () => {
  it.each([
    ['a', 'a'],
    ['a:model', 'a'],
    ['a : file[x=1]', 'a']
  ])('of %s is %s', (hint, key) => expect(hintKey(hint)).toBe(key));
});

it('has the type that the kernel sends', () => {
  expect(RUN_MIME).toBe('application/vnd.jupyter-mlrun.run+json');
});
