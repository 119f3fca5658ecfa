import { nullTranslator } from '@jupyterlab/translation';
import { INewAlert, saveAlert } from '../../api/alerts';
import { alertProblem } from '../../panels/monitoring/newAlert';
import { makeService } from '../models/answers';

const trans = nullTranslator.load('jupyter_mlrun');
const alert: INewAlert = {
  name: 'train-fails',
  entity: ' train ',
  event: 'failed',
  severity: 'high',
  count: 2,
  period: '10m',
  reset: 'manual',
  told: 'slack',
  address: 'https://hooks.invalid/x'
};

describe('a new alert', () => {
  it.each([
    [{}, null],
    [{ name: 'No Name' }, 'small letters'],
    [{ entity: ' ' }, 'whose runs'],
    [{ count: 0 }, 'whole number'],
    [{ count: NaN }, 'whole number'],
    [{ period: 'soon' }, 'such as 10m'],
    [{ address: 'nowhere' }, 'begins with https']
  ])('%o', (change, problem) => {
    const found = alertProblem({ ...alert, ...change }, trans);
    if (problem === null) {
      expect(found).toBeNull();
    } else {
      expect(found).toContain(problem);
    }
  });

  it('is stored with what it listens to, its address among the secrets', async () => {
    const { service, asked } = makeService(() => ({}));
    await saveAlert(service.settings, 'churn', alert);
    expect(asked[0].path).toBe('projects/churn/alerts/train-fails');
    expect(asked[0].body).toMatchObject({
      entities: { kind: 'job', project: 'churn', ids: ['train'] },
      trigger: { events: ['failed'] },
      criteria: { count: 2, period: '10m' },
      reset_policy: 'manual',
      notifications: [
        {
          notification: {
            kind: 'slack',
            secret_params: { webhook: 'https://hooks.invalid/x' }
          }
        }
      ]
    });
  });
});
