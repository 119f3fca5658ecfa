import { ExpandedRuns } from '../expandedRuns';
import { INounQuestion, NounList } from '../nounList';
import { RunList } from '../runList';
import { MLRunService } from '../service';
import { makeRow } from './rows';
import { answeredBy, FakeSocket, settle } from './server';

const all = [
  { project: 'p', name: 'nightly', state: 'active', labels: { team: 'a' } },
  { project: 'p', name: 'weekly', state: 'paused', owner: 'ana' }
];

describe('NounList', () => {
  it('is filtered by the words of the panel and by state', async () => {
    const { settings } = answeredBy(() => ({ body: {} }));
    const list = new NounList(new MLRunService(settings), {
      read: async () => all,
      events: ['schedule']
    });
    list.setActive(true);
    await settle();
    const names = () => list.rows.map(({ name }) => name);
    expect(names()).toEqual(['nightly', 'weekly']);
    list.filter = 'NIGHT';
    expect(names()).toEqual(['nightly']);
    list.filter = 'owner:ana';
    expect(names()).toEqual(['weekly']);
    list.filter = 'label:team=a';
    expect(names()).toEqual(['nightly']);
    list.filter = 'results.x>1';
    expect(names()).toEqual([]);
    list.filter = '';
    list.state = 'paused';
    expect(names()).toEqual(['weekly']);
    expect(list.all).toHaveLength(2);
  });

  it('says why it could not be read, and reads again', async () => {
    const { settings } = answeredBy(() => ({ body: {} }));
    let broken = true;
    const list = new NounList(new MLRunService(settings), {
      read: async () => {
        if (broken) {
          throw new Error('the store is away');
        }
        return all;
      },
      events: []
    });
    await list.reload();
    expect(list.failure?.message).toBe('the store is away');
    broken = false;
    await list.reload();
    expect(list.failure).toBeNull();
    expect(list.ready).toBe(true);
  });

  it('never shows the number of another project, also while it is closed', async () => {
    const { settings } = answeredBy(() => ({ body: {} }));
    const service = new MLRunService(settings);
    service.project = 'p';
    const list = new NounList(service, {
      read: async (_, project) => (project === 'p' ? all : all.slice(1)),
      events: []
    });
    await list.reload();
    expect(list.all).toHaveLength(2);
    service.project = 'q';
    expect(list.all).toHaveLength(0);
    expect(list.ready).toBe(false);
    await settle();
    expect(list.all).toHaveLength(1);
  });
});

describe('a NounList of pages', () => {
  const names = [...Array(2500).keys()].map(number => `key-${number}`);
  const asked: INounQuestion[] = [];
  const begun = async () => {
    asked.length = 0;
    const { settings } = answeredBy(() => ({ body: {} }));
    const list = new NounList(new MLRunService(settings), {
      read: async (_settings, _project, question) => {
        asked.push(question);
        const first = Number(question.token || 0);
        const fits = names.filter(name => name.includes(question.name));
        const last = first + question.size;
        return {
          rows: fits
            .slice(first, last)
            .map(name => ({ project: 'p', name, state: name.slice(-1) })),
          token: last < fits.length ? String(last) : ''
        };
      },
      count: async () => names.length,
      events: ['artifact']
    });
    await list.reload();
    return list;
  };

  it('says how many there are and reads on when asked', async () => {
    const list = await begun();
    expect(list.all).toHaveLength(1000);
    expect(list.total).toBe(2500);
    await Promise.all([list.more(), list.more()]);
    expect(list.all).toHaveLength(2000);
    await list.more();
    await list.more();
    expect(list.all).toHaveLength(2500);
    expect(list.isWhole).toBe(true);
    expect(asked).toHaveLength(3);
    await list.reload();
    expect(list.all).toHaveLength(2500);
  });

  it('keeps a page that was asked for when it is read again meanwhile', async () => {
    const list = await begun();
    await Promise.all([list.more(), list.reload()]);
    await settle();
    expect(list.all).toHaveLength(2000);
    await Promise.all([list.reload(), list.more()]);
    await settle();
    expect(list.all).toHaveLength(2500);
    expect(list.isWhole).toBe(true);
  });

  it('has the service look for a name, and reads on for a state', async () => {
    const list = await begun();
    list.filter = 'key-2499';
    await settle();
    expect(list.rows.map(({ name }) => name)).toEqual(['key-2499']);
    expect(list.total).toBe(2500);
    expect(asked).toHaveLength(2);
    list.filter = '';
    await settle();
    expect(list.all).toHaveLength(1000);
    list.state = '7';
    await settle();
    expect(list.rows).toHaveLength(200);
    expect(list.isWhole).toBe(false);
  });
});

describe('ExpandedRuns', () => {
  it('puts iterations below their run', async () => {
    const rows = ['a', 'b', 'c'].map(uid => makeRow({ uid, iterations: 2 }));
    const { settings } = answeredBy(request =>
      request.path.endsWith('/iterations')
        ? {
            body: {
              rows: [1, 2].map(iter => makeRow({ uid: 'b', iter }))
            }
          }
        : { body: { total: 3, all: 3, counts: { completed: 3 }, rows } }
    );
    const service = new MLRunService(settings);
    service.start();
    FakeSocket.last.greet();
    const list = new RunList(service);
    list.setActive(true);
    await settle();
    const expanded = new ExpandedRuns(list);
    await expanded.expand(rows[1], true);
    expect(expanded.count).toBe(5);
    expect([0, 1, 2, 3, 4].map(line => expanded.at(line)?.iter)).toEqual([
      0, 0, 1, 2, 0
    ]);
    expect(expanded.placeOf(4)).toEqual({ index: 2, child: null });
    expect(expanded.lineOf(2)).toBe(4);
    await expanded.expand(rows[1], false);
    expect(expanded.count).toBe(3);
  });

  it('keeps the iterations it shows when they cannot be read again', async () => {
    const rows = [makeRow({ uid: 'a', iterations: 2 })];
    let broken = false;
    const { settings } = answeredBy(request =>
      !request.path.endsWith('/iterations')
        ? { body: { total: 1, all: 1, counts: {}, rows } }
        : broken
          ? { status: 503, body: { detail: 'the store is away' } }
          : { body: { rows: [makeRow({ uid: 'a', iter: 1 })] } }
    );
    const service = new MLRunService(settings);
    service.start();
    FakeSocket.last.greet();
    const list = new RunList(service);
    list.setActive(true);
    await settle();
    const expanded = new ExpandedRuns(list);
    await expanded.expand(rows[0], true);
    const told = async () => {
      FakeSocket.last.say({
        type: 'event',
        event: {
          kind: 'run',
          project: rows[0].project,
          uid: 'a',
          state: 'completed'
        }
      });
      await settle();
      await settle();
    };
    broken = true;
    await told();
    expect(expanded.failure(rows[0])).toBe('the store is away');
    expect(expanded.iterations(rows[0])).toHaveLength(1);
    broken = false;
    await told();
    expect(expanded.failure(rows[0])).toBeUndefined();
    await expanded.expand(rows[0], false);
    broken = true;
    await expanded.expand(rows[0], true);
    expect(expanded.iterations(rows[0])).toBeUndefined();
  });
});
