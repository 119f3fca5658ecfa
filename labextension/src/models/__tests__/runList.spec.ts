import { RunList } from '../runList';
import { MLRunService } from '../service';
import { makeRow } from './rows';
import { answeredBy, FakeSocket, IRequest, settle } from './server';

const TOTAL = 1000;

function rowOf(index: number) {
  return makeRow({
    uid: `r${index}`,
    start_time: new Date(Date.UTC(2026, 0, 1) - index * 60000).toISOString()
  });
}

function page(request: IRequest) {
  const offset = Number(request.query.get('offset') ?? 0);
  const limit = Number(request.query.get('limit'));
  const rows = [...Array(Math.min(limit, TOTAL - offset)).keys()].map(index =>
    rowOf(offset + index)
  );
  return { body: { total: TOTAL, counts: { completed: TOTAL }, rows } };
}

async function makeList(answer: Parameters<typeof answeredBy>[0] = page) {
  const { settings, requests } = answeredBy(answer);
  const service = new MLRunService(settings);
  service.start();
  const socket = FakeSocket.last;
  const list = new RunList(service);
  list.setActive(true);
  await settle();
  const tell = (action: string, row: ReturnType<typeof makeRow>) =>
    socket.say({
      type: 'event',
      event: {
        kind: 'run',
        action,
        project: row.project,
        uid: row.uid,
        summary: row
      }
    });
  return { list, service, requests, tell };
}

describe('RunList', () => {
  it('reads one page, and further ones as they are looked at', async () => {
    const { list, requests } = await makeList();
    expect(list.total).toBe(TOTAL);
    expect(list.at(0)?.uid).toBe('r0');
    expect(list.at(300)).toBeUndefined();
    list.ensure(380, 420);
    list.ensure(380, 420);
    await settle();
    expect(requests.map(each => each.query.get('offset'))).toEqual([
      '0',
      '200',
      '400'
    ]);
    expect(list.at(300)?.uid).toBe('r300');
    expect(list.at(420)?.uid).toBe('r420');
    list.dispose();
  });

  it('means by all that match what the service knew, by its own clock', async () => {
    const time = '2026-03-01T12:00:00.123456+00:00';
    const { list, tell } = await makeList(request => {
      const { body } = page(request);
      return { body: { ...body, time } };
    });
    expect(list.matching().before).toBe('2026-03-01T12:00:00.124Z');
    tell(
      'created',
      makeRow({ uid: 'new', start_time: '2026-03-01T12:00:05+00:00' })
    );
    expect(list.matching().before).toBe('2026-03-01T12:00:05.001Z');
    expect(list.matching().count).toBe(TOTAL + 1);
    list.dispose();
  });

  it('reads nothing while it is hidden, and anew when shown', async () => {
    const { list, requests, service } = await makeList();
    list.setActive(false);
    service.readAgain();
    await settle();
    expect(requests).toHaveLength(1);
    list.setActive(true);
    await settle();
    expect(requests).toHaveLength(2);
    list.dispose();
  });

  it('puts new runs on top and changes rows in place', async () => {
    const { list, tell } = await makeList();
    const fresh = makeRow({
      uid: 'new',
      state: 'running',
      start_time: '2026-02-01T00:00:00Z'
    });
    tell('created', fresh);
    expect(list.at(0)?.uid).toBe('new');
    expect(list.total).toBe(TOTAL + 1);
    expect(list.counts.running).toBe(1);
    tell('updated', { ...fresh, state: 'completed' });
    expect(list.at(0)?.state).toBe('completed');
    expect(list.counts).toEqual({ running: 0, completed: TOTAL + 1 });
    list.dispose();
  });

  it('moves nothing while it is held', async () => {
    const { list, tell } = await makeList();
    list.hold(true);
    tell(
      'created',
      makeRow({ uid: 'new', start_time: '2026-02-01T00:00:00Z' })
    );
    expect(list.at(0)?.uid).toBe('r0');
    expect(list.waiting).toBe(1);
    list.hold(false);
    expect(list.at(0)?.uid).toBe('new');
    expect(list.waiting).toBe(0);
    list.dispose();
  });

  it('takes deleted runs out', async () => {
    const { list, tell } = await makeList();
    tell('deleted', rowOf(3));
    expect(list.total).toBe(TOTAL - 1);
    expect(list.at(3)?.uid).toBe('r4');
    expect(list.find(rowOf(3))).toBe(-1);
    list.dispose();
  });

  it('leaves out events that do not pass the filter', async () => {
    const { list, tell } = await makeList();
    list.setQuery({ q: 'eval' });
    await settle();
    tell(
      'created',
      makeRow({ uid: 'new', start_time: '2026-02-01T00:00:00Z' })
    );
    expect(list.at(0)?.uid).toBe('r0');
    tell(
      'created',
      makeRow({
        uid: 'e',
        name: 'evaluate',
        start_time: '2026-02-01T00:00:00Z'
      })
    );
    expect(list.at(0)?.uid).toBe('e');
    list.dispose();
  });

  it('sends its query', async () => {
    const { list, requests, service } = await makeList();
    service.project = 'cancer';
    list.setQuery({ q: 'x y', states: ['error', 'aborted'], sort: 'name' });
    await settle();
    const { query, path } = requests[requests.length - 1];
    expect(path).toBe('/user/ana/mlrun/api/v1/lab/runs');
    // Lab adds a parameter without a value against caches
    const sent = [...query].filter(([, value]) => value !== '');
    expect(Object.fromEntries(sent)).toEqual({
      project: 'cancer',
      q: 'x y',
      states: 'error,aborted',
      sort: 'name',
      offset: '0',
      limit: '200'
    });
    list.dispose();
  });

  it('says why it could not be read, keeps its rows, and recovers', async () => {
    let broken = false;
    const { list } = await makeList(request =>
      broken
        ? { status: 503, body: { detail: 'the store is busy' } }
        : page(request)
    );
    broken = true;
    await list.reload();
    expect(list.failure?.message).toBe('the store is busy');
    expect(list.total).toBe(TOTAL);
    broken = false;
    await list.reload();
    expect(list.failure).toBeNull();
    list.dispose();
  });

  it('holds what was heard of while an answer was on its way newer than the answer', async () => {
    let meanwhile = () => undefined as void;
    const { list, tell, service } = await makeList(request => {
      const answer = page(request);
      meanwhile();
      return answer;
    });
    meanwhile = () => {
      meanwhile = () => undefined;
      tell('updated', { ...rowOf(0), state: 'running' });
      tell('deleted', rowOf(1));
      tell(
        'created',
        makeRow({ uid: 'new', start_time: '2026-02-01T00:00:00Z' })
      );
    };
    await list.reload();
    expect([0, 1, 2].map(index => list.at(index)?.uid)).toEqual([
      'new',
      'r0',
      'r2'
    ]);
    expect(list.at(1)?.state).toBe('running');
    expect(service.row('p', 'r0')?.state).toBe('running');
    expect(service.row('p', 'r1')).toBeUndefined();
    list.dispose();
  });

  it('hears of a run while its first answer is on its way', async () => {
    let told = false;
    let tellLater = (): void => undefined;
    const { settings } = answeredBy(request => {
      const answer = page(request);
      tellLater();
      return answer;
    });
    const service = new MLRunService(settings);
    service.start();
    const socket = FakeSocket.last;
    tellLater = () => {
      if (!told) {
        told = true;
        const summary = { ...rowOf(0), state: 'running' };
        const { project, uid } = summary;
        socket.say({
          type: 'event',
          event: { kind: 'run', action: 'updated', project, uid, summary }
        });
      }
    };
    const list = new RunList(service);
    list.setActive(true);
    await settle();
    expect(list.at(0)?.state).toBe('running');
    list.dispose();
  });
});
