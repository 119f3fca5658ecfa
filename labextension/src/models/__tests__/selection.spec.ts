import { Selection } from '../selection';
import { MLRunService } from '../service';
import { makeRow } from './rows';
import { answeredBy, FakeSocket } from './server';

const rows = ['a', 'b', 'c', 'd', 'e'].map(uid => makeRow({ uid }));
const uids = (selection: Selection) => selection.rows.map(row => row.uid);

describe('Selection', () => {
  it('keeps the order in which runs were selected', () => {
    const selection = new Selection();
    selection.toggle(rows[3], 3);
    selection.toggle(rows[0], 0);
    expect(uids(selection)).toEqual(['d', 'a']);
    expect(selection.indexOf(rows[0])).toBe(1);
    selection.toggle(rows[3], 3);
    expect(uids(selection)).toEqual(['a']);
    expect(selection.indexOf(rows[3])).toBe(-1);
  });

  it('extends from where it began, down and up', () => {
    const selection = new Selection();
    selection.set([rows[2]], 2);
    selection.extend(4, index => rows[index]);
    expect(uids(selection)).toEqual(['c', 'd', 'e']);
    selection.extend(1, index => rows[index]);
    expect(uids(selection)).toEqual(['c', 'b']);
  });

  it('leaves out rows that are not here', () => {
    const selection = new Selection();
    selection.set([rows[0]], 0);
    selection.extend(2, index => (index === 1 ? undefined : rows[index]));
    expect(uids(selection)).toEqual(['a', 'c']);
  });

  it('tells of changes, and only of changes', () => {
    const selection = new Selection();
    let told = 0;
    selection.changed.connect(() => (told += 1));
    selection.clear();
    selection.remove(rows[0]);
    selection.update(rows[0]);
    expect(told).toBe(0);
    selection.set([rows[0]]);
    selection.update(makeRow({ uid: 'a', state: 'error' }));
    expect(told).toBe(2);
    expect(selection.rows[0].state).toBe('error');
    selection.clear();
    expect(selection.size).toBe(0);
  });

  it('keeps up with what happens to its runs', () => {
    const { settings } = answeredBy(() => ({}));
    const service = new MLRunService(settings);
    const selection = new Selection();
    selection.follow(service);
    service.start();
    selection.set(rows.slice(0, 2));
    const tell = (action: string, uid: string, state: string) =>
      FakeSocket.last.say({
        type: 'event',
        event: {
          kind: 'run',
          action,
          project: 'p',
          uid,
          summary: makeRow({ uid, state })
        }
      });
    tell('updated', 'a', 'error');
    tell('updated', 'e', 'error');
    expect(selection.rows.map(row => row.state)).toEqual([
      'error',
      'completed'
    ]);
    tell('deleted', 'b', 'completed');
    expect(uids(selection)).toEqual(['a']);
    selection.dispose();
    tell('deleted', 'a', 'completed');
    expect(uids(selection)).toEqual(['a']);
    service.dispose();
  });

  it('tells runs of the same id in other projects apart', () => {
    const selection = new Selection();
    selection.toggle(makeRow({ uid: 'a', project: 'one' }), 0);
    expect(selection.has({ uid: 'a', project: 'two' })).toBe(false);
  });
});
