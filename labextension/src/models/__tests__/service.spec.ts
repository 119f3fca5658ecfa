import type { IEvent } from '../../api/documents';
import { MLRunService } from '../service';
import { makeRow } from './rows';
import { answeredBy, FakeSocket } from './server';

const { settings } = answeredBy(() => ({}));

function started(): { service: MLRunService; socket: FakeSocket } {
  const service = new MLRunService(settings);
  service.start();
  return { service, socket: FakeSocket.last };
}

describe('MLRunService', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('opens one socket below the base address and subscribes', () => {
    const before = FakeSocket.made.length;
    const { service, socket } = started();
    service.start();
    expect(FakeSocket.made.length).toBe(before + 1);
    expect(socket.url).toBe('ws://localhost/user/ana/mlrun/api/v1/lab/socket');
    socket.greet();
    expect(service.connection).toBe('connected');
    expect(socket.sent).toEqual([{ subscribe: { projects: null, logs: [] } }]);
    service.dispose();
  });

  it('remembers rows that events carry and forgets deleted runs', () => {
    const { service, socket } = started();
    const heard: IEvent[] = [];
    service.events.connect((_, event) => heard.push(event));
    socket.greet();
    const row = makeRow({ state: 'running' });
    const event = { kind: 'run', action: 'created', project: 'p', uid: 'u1' };
    socket.say({ type: 'event', event: { ...event, summary: row } });
    expect(service.row('p', 'u1')).toEqual(row);
    socket.say({ type: 'event', event: { ...event, action: 'deleted' } });
    expect(service.row('p', 'u1')).toBeUndefined();
    expect(heard.map(each => each.action)).toEqual(['created', 'deleted']);
    service.dispose();
  });

  it('comes back by itself, ever more slowly, and has lists read again', () => {
    const { service, socket } = started();
    let resyncs = 0;
    service.resync.connect(() => (resyncs += 1));
    socket.greet();
    socket.cut();
    expect(service.connection).toBe('reconnecting');
    const before = FakeSocket.made.length;
    jest.advanceTimersByTime(1000);
    expect(FakeSocket.made.length).toBe(before + 1);
    FakeSocket.last.cut();
    expect(service.connection).toBe('offline');
    jest.advanceTimersByTime(1999);
    expect(FakeSocket.made.length).toBe(before + 1);
    jest.advanceTimersByTime(1);
    expect(FakeSocket.made.length).toBe(before + 2);
    FakeSocket.last.greet();
    expect(service.connection).toBe('connected');
    expect(service.lostAt).toBeNull();
    expect(resyncs).toBe(2);
    service.dispose();
  });

  it('tries at once when told to', () => {
    const { service, socket } = started();
    socket.cut();
    const before = FakeSocket.made.length;
    service.reconnect();
    expect(FakeSocket.made.length).toBe(before + 1);
    jest.advanceTimersByTime(60000);
    expect(FakeSocket.made.length).toBe(before + 1);
    service.dispose();
  });

  it('asks for the logs that somebody follows, as long as somebody does', () => {
    const { service, socket } = started();
    socket.greet();
    const one = service.followLog({ project: 'p', uid: 'u' });
    const two = service.followLog({ project: 'p', uid: 'u' });
    const logs = () =>
      (socket.sent[socket.sent.length - 1] as { subscribe: { logs: string[] } })
        .subscribe.logs;
    expect(logs()).toEqual(['p/u']);
    one.dispose();
    expect(logs()).toEqual(['p/u']);
    two.dispose();
    expect(logs()).toEqual([]);
    service.dispose();
  });

  it('tells when another project is chosen', () => {
    const { service } = started();
    const heard: (string | null)[] = [];
    service.projectChanged.connect((_, project) => heard.push(project));
    service.project = 'a';
    service.project = 'a';
    service.project = null;
    expect(heard).toEqual(['a', null]);
    service.dispose();
  });

  it('keeps a limited number of rows', () => {
    const { service } = started();
    const rows = [...Array(5001).keys()].map(n => makeRow({ uid: `${n}` }));
    service.remember(rows);
    expect(service.row('p', '0')).toBeUndefined();
    expect(service.row('p', '5000')).toBeDefined();
    service.dispose();
  });
});
