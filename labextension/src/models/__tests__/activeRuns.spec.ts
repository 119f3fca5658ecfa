import type { IRunRow } from '../../api/documents';
import { ActiveRuns } from '../activeRuns';
import { MLRunService } from '../service';
import { makeRow } from './rows';
import { answeredBy, FakeSocket, settle } from './server';

const live = makeRow({ uid: 'live', state: 'running' });
const failed = makeRow({ uid: 'bad', state: 'error' });

async function make() {
  const { settings } = answeredBy(({ query }) => ({
    body: {
      total: 1,
      counts: {},
      rows: query.get('states') === 'error' ? [failed] : [live]
    }
  }));
  const service = new MLRunService(settings);
  service.start();
  const active = new ActiveRuns(service);
  FakeSocket.last.greet();
  await settle();
  const socket = FakeSocket.last;
  const tell = (row: IRunRow, action = 'updated') =>
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
  return { active, tell };
}

describe('ActiveRuns', () => {
  it('knows what runs when the page opens', async () => {
    const { active } = await make();
    expect(active.rows.map(row => row.uid)).toEqual(['live']);
    expect(active.running).toBe(1);
  });

  it('counts only failures that nobody has seen', async () => {
    const { active } = await make();
    expect(active.failed).toBe(0);
    active.look(0);
    await active.refresh();
    expect(active.failed).toBe(1);
    active.look();
    expect(active.failed).toBe(0);
  });

  it('tells once of a run that ends', async () => {
    const { active, tell } = await make();
    const ended: string[] = [];
    active.ended.connect((_, row) => ended.push(row.state));
    tell({ ...live, state: 'error' });
    tell({ ...live, state: 'error' });
    expect(ended).toEqual(['error']);
    expect(active.running).toBe(0);
    expect(active.failed).toBe(1);
  });

  it('only counts a failure that arrives ended', async () => {
    const { active, tell } = await make();
    const ended: string[] = [];
    active.ended.connect((_, row) => ended.push(row.state));
    tell(makeRow({ uid: 'elsewhere', state: 'error' }), 'created');
    expect(ended).toEqual([]);
    expect(active.failed).toBe(1);
  });

  it('believes events more than an answer that they overtook', async () => {
    const { active, tell } = await make();
    const answer = active.refresh();
    tell(makeRow({ uid: 'fresh', state: 'running' }), 'created');
    tell({ ...live, state: 'completed' });
    await answer;
    expect(active.rows.map(row => row.uid)).toEqual(['fresh']);
  });

  it('forgets runs that were deleted', async () => {
    const { active, tell } = await make();
    tell(live, 'deleted');
    expect(active.running).toBe(0);
  });
});
