import { LogModel } from '../../models/log';
import { IAsked, makeService, pause } from './answers';

const ref = { project: 'p', uid: 'u1' };

function makeLog(total: number, slow = 0) {
  const log: { total: number; indexed?: number } = { total };
  const made = makeService(async (asked: IAsked) => {
    if (asked.path.endsWith('/log/lines')) {
      const first = Number(asked.query.get('first'));
      const count = Number(asked.query.get('count'));
      const known = log.indexed ?? log.total;
      const last = Math.min(known, first + count - 1);
      const lines = [];
      for (let n = first; n <= last; n++) {
        lines.push({ n, t: 1000 + n, text: `line ${n}` });
      }
      return {
        total: known,
        first,
        lines,
        size: log.total * 8,
        indexed: known * 8,
        first_error: { line: 7, offset: 50 },
        problems: 2
      };
    }
    if (asked.path.endsWith('/log/problem')) {
      const line = Number(asked.query.get('line'));
      const all = [3, 9, 12];
      const found = asked.query.get('back')
        ? all.filter(n => n < line).pop()
        : all.find(n => n > line);
      return { line: found ?? null };
    }
    if (asked.path.endsWith('/log/search')) {
      if (asked.query.get('q') === '(') {
        return 400;
      }
      await pause(slow);
      const matches = [3, 9, 12].map(n => ({
        n,
        start: 0,
        end: 4,
        text: `line ${n}`
      }));
      return { matches, truncated: false };
    }
    return 404;
  });
  return { ...made, log, model: new LogModel(made.service, ref) };
}

describe('LogModel', () => {
  it('reads the beginning and the end, and the rest when it is seen', async () => {
    const { model, asked } = makeLog(1000);
    await model.open('completed');
    expect(model.total).toBe(1000);
    expect(model.firstError).toBe(7);
    expect(model.tail(4).map(line => line.n)).toEqual([997, 998, 999, 1000]);
    expect(model.line(500)).toBeUndefined();
    expect(model.line(501)).toBeUndefined();
    await pause(5);
    expect(model.line(500)?.text).toBe('line 500');
    expect(asked.map(one => one.query.get('first'))).toEqual([
      '1',
      '801',
      '401'
    ]);
    model.dispose();
  });

  it('holds at most 5,000 lines', async () => {
    const { model } = makeLog(20000);
    await model.open('completed');
    for (let n = 1; n <= 20000; n += 200) {
      model.line(n);
      await pause();
    }
    await pause(5);
    let held = 0;
    const asked = model as unknown as {
      _chunks: Map<number, { lines: unknown[] }>;
    };
    asked._chunks.forEach(({ lines }) => (held += lines.length));
    expect(held).toBeLessThanOrEqual(5000);
    model.dispose();
  });

  it('follows what is written, to the last line', async () => {
    const { model, log, emit } = makeLog(3);
    await model.open('running');
    expect(model.live).toBe(true);
    log.total = 405;
    emit({ kind: 'log', project: 'p', uid: 'u1', size: 99 });
    await pause(120);
    expect(model.tail(2).map(line => line.text)).toEqual([
      'line 404',
      'line 405'
    ]);
    emit({ kind: 'log', project: 'p', uid: 'another', size: 99 });
    model.dispose();
  });

  it('searches and goes round its matches', async () => {
    const { model } = makeLog(20);
    await model.open('completed');
    await model.find('line', { regex: false, case: false });
    expect(model.search?.matches).toHaveLength(3);
    expect(model.step(1)).toBe(9);
    expect(model.step(1)).toBe(12);
    expect(model.step(1)).toBe(3);
    expect(model.step(-1)).toBe(12);
    await model.find('', { regex: false, case: false });
    expect(model.search).toBeNull();
    expect(model.step(1)).toBeNull();
    model.dispose();
  });

  it('says why a search did not work', async () => {
    const { model } = makeLog(20);
    await model.open('completed');
    await model.find('(', { regex: true, case: false });
    expect(model.search?.failure).toBe('status 400');
    model.dispose();
  });

  it('goes to the next problem and round', async () => {
    const { model } = makeLog(20);
    await model.open('completed');
    expect(await model.nextProblem(0, 1)).toBe(3);
    expect(await model.nextProblem(3, 1)).toBe(9);
    expect(await model.nextProblem(12, 1)).toBe(3);
    expect(await model.nextProblem(9, -1)).toBe(3);
    expect(await model.nextProblem(3, -1)).toBe(12);
    model.dispose();
  });

  it('shows the lines of a level, and searches among them', async () => {
    const { model, log, asked, emit } = makeLog(20);
    await model.open('running');
    await model.find('line', { regex: false, case: false });
    await model.show('warning');
    expect(model.filtered?.matches.map(match => match.n)).toEqual([3, 9, 12]);
    const searches = asked.filter(one => one.path.endsWith('/log/search'));
    expect(searches.map(one => one.query.get('level'))).toEqual([
      null,
      'warning',
      'warning'
    ]);
    expect(searches[2].query.get('q')).toBe('line');
    log.total = 40;
    emit({ kind: 'log', project: 'p', uid: 'u1', size: 320 });
    await pause(2200);
    expect(asked.filter(one => one.path.endsWith('/log/search'))).toHaveLength(
      4
    );
    await model.show(null);
    expect(model.filtered).toBeNull();
    model.dispose();
  });

  it('leaves the server in peace after a slow search for a level', async () => {
    const { model, log, asked, emit } = makeLog(20, 700);
    const searches = () =>
      asked.filter(one => one.path.endsWith('/log/search')).length;
    await model.open('running');
    await model.show('problem');
    log.total = 40;
    emit({ kind: 'log', project: 'p', uid: 'u1', size: 320 });
    await pause(2700);
    expect(searches()).toBe(1);
    await pause(1400);
    expect(searches()).toBe(2);
    // what is written during a search is asked for by the next one
    log.total = 60;
    emit({ kind: 'log', project: 'p', uid: 'u1', size: 480 });
    await pause(5000);
    expect(searches()).toBe(3);
    model.dispose();
  }, 15000);

  it('reads on while the server still counts the lines', async () => {
    const { model, log, asked } = makeLog(100);
    log.indexed = 30;
    await model.open('completed');
    expect(model.indexed).toBeLessThan(model.size);
    expect(model.total).toBe(30);
    expect(model.line(50)).toBeUndefined();
    log.indexed = 100;
    await pause(600);
    expect(model.line(50)?.text).toBe('line 50');
    const count = asked.length;
    await pause(600);
    expect(asked).toHaveLength(count);
    model.dispose();
  });

  it.each([
    ['Traceback (most recent call last):', true],
    ['ValueError: no', true],
    ['2026 ERROR it broke', true],
    ['terrors: none', false],
    ['all is well', false]
  ])('%s is a problem: %s', (text, problem) => {
    const { model } = makeLog(1);
    expect(model.isProblem(text)).toBe(problem);
  });
});
