import { Deletions, IDeletionEnd, UNDO_MS } from '../deletions';
import { MLRunService } from '../service';
import { answeredBy, settle } from './server';

const run = { project: 'p', uid: 'u' };

function make(status = 204) {
  const { settings, requests } = answeredBy(() => ({
    status: status === 204 ? 200 : status,
    body: status === 204 ? undefined : { detail: 'it runs' }
  }));
  const deletions = new Deletions(new MLRunService(settings));
  const ended: IDeletionEnd[] = [];
  deletions.ended.connect((_, end) => ended.push(end));
  return { deletions, requests, ended };
}

describe('Deletions', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('sends nothing before the time in which it can be taken back', async () => {
    const { deletions, requests, ended } = make();
    deletions.schedule([run]);
    expect(deletions.has(run)).toBe(true);
    jest.advanceTimersByTime(UNDO_MS - 1);
    expect(requests).toHaveLength(0);
    jest.advanceTimersByTime(1);
    await settle();
    expect(requests.map(({ method, path }) => [method, path])).toEqual([
      ['DELETE', '/user/ana/mlrun/api/v1/projects/p/runs/u']
    ]);
    expect(deletions.has(run)).toBe(false);
    expect(ended[0].undone).toBe(false);
  });

  it('can be taken back, by the answer or by the run', async () => {
    const { deletions, requests, ended } = make();
    deletions.schedule([run]).undo();
    deletions.schedule([run]);
    deletions.undo(run);
    jest.advanceTimersByTime(UNDO_MS * 2);
    await settle();
    expect(requests).toHaveLength(0);
    expect(deletions.has(run)).toBe(false);
    expect(ended.map(({ undone }) => undone)).toEqual([true, true]);
  });

  it('says which runs were refused', async () => {
    const { deletions, ended } = make(409);
    deletions.schedule([run]);
    jest.advanceTimersByTime(UNDO_MS);
    await settle();
    expect(ended[0].refused[0].run).toEqual(run);
    expect(String(ended[0].refused[0].reason)).toContain('it runs');
  });

  it('sends nothing once the page is left', async () => {
    const { deletions, requests } = make();
    deletions.schedule([run]);
    deletions.dispose();
    jest.advanceTimersByTime(UNDO_MS * 2);
    await settle();
    expect(requests).toHaveLength(0);
  });
});
