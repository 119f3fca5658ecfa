import { followTask } from '../../models/backgroundTask';
import { makeService, pause } from './answers';

function task(state: string, done: number) {
  return {
    metadata: { name: 't1', project: 'churn', kind: 'runs.delete' },
    status: { state, progress: { done, total: 4 } }
  };
}

describe('followTask', () => {
  it('reads a task again with its news, until it ends', async () => {
    let now = task('running', 1);
    const { service, asked, emit, hello } = makeService(() => now);
    hello();
    const heard: (number | null | undefined)[] = [];
    const end = followTask(service, task('running', 0) as never, told =>
      heard.push(told.status.progress?.done)
    );
    await pause();
    expect(asked).toHaveLength(0);
    emit({ kind: 'background-task', project: 'churn', name: 'other' });
    await pause();
    expect(asked).toHaveLength(0);
    emit({ kind: 'background-task', project: 'churn', name: 't1' });
    await pause(20);
    now = task('succeeded', 4);
    emit({ kind: 'background-task', project: 'churn', name: 't1' });
    expect((await end).status).toEqual(now.status);
    expect(heard).toEqual([0, 1]);
    expect(asked[0].path).toBe('projects/churn/background-tasks/t1');
  });
});
