import type { IRun } from '../../api/documents';
import { notificationsOf } from '../../panels/run/notifications';

function runOf(spec: object, status: object = {}): IRun {
  return {
    metadata: { name: 'train', project: 'p', uid: 'u' },
    spec,
    status: { state: 'completed', ...status }
  } as unknown as IRun;
}

describe('notificationsOf', () => {
  it('says what became of each', () => {
    const asked = [
      { kind: 'webhook', name: 'hook', when: ['error', 'completed'] },
      { kind: 'slack' },
      { kind: 'mail', name: 'mail', when: ['completed'] }
    ];
    const notifications = {
      hook: { status: 'sent', sent_time: '2026-01-01T00:00:00Z' },
      mail: { status: 'error', reason: 'no such host' }
    };
    expect(
      notificationsOf(runOf({ notifications: asked }, { notifications }))
    ).toEqual([
      {
        name: 'hook',
        kind: 'webhook',
        when: ['error', 'completed'],
        status: 'sent',
        sent: '2026-01-01T00:00:00Z',
        reason: ''
      },
      {
        name: 'slack',
        kind: 'slack',
        when: ['completed'],
        status: 'pending',
        sent: null,
        reason: ''
      },
      {
        name: 'mail',
        kind: 'mail',
        when: ['completed'],
        status: 'error',
        sent: null,
        reason: 'no such host'
      }
    ]);
  });

  it('knows a run without any', () => {
    expect(notificationsOf(runOf({}))).toEqual([]);
  });
});
