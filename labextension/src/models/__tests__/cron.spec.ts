import { nullTranslator } from '@jupyterlab/translation';
import { cronLine, cronSentence, cronText } from '../cron';

const trans = nullTranslator.load('jupyter_mlrun');

describe('cron', () => {
  it.each([
    ['* * * * *', 'every minute'],
    ['*/15 * * * *', 'every 15 minutes'],
    ['5 * * * *', 'every hour at minute 5'],
    ['0 */6 * * *', 'every 6 hours at minute 0'],
    ['0 2 * * *', 'every day at 02:00'],
    ['30 17 * * mon-fri', 'Monday to Friday at 17:30'],
    ['0 6 * * mon,3', 'every Monday, Thursday at 06:00'],
    ['0 6 1 * *', 'on day 1 of each month at 06:00']
  ])('%s is %s', (text, sentence) => {
    expect(cronSentence(text, trans)).toBe(sentence);
  });

  it.each([['0 2 * jan *'], ['1-5 2 * * *'], ['0 2 * *'], ['0 2 * * 9']])(
    '%s stays as it is',
    text => {
      expect(cronSentence(text, trans)).toBeNull();
    }
  );

  it('is a line with its zone', () => {
    expect(cronLine(' 0 2 * * * ', 'Europe/Oslo')).toBe(
      'CRON_TZ=Europe/Oslo 0 2 * * *'
    );
    expect(cronText({ minute: 0, hour: '2', day_of_week: 'mon' })).toBe(
      '0 2 * * mon'
    );
  });
});
