import { toldState } from '../../panels/monitoring/words';

it.each([
  [{ failed: 0, succeeded: 0 }, null, 'pending'],
  [{ failed: 0, succeeded: 2 }, null, 'completed'],
  [{ failed: 1, succeeded: 1 }, null, 'error'],
  [{ failed: 0, succeeded: 0 }, 'no such host', 'error'],
  [undefined, null, 'completed']
])('%j with %j is %s', (summary, err, state) => {
  expect(toldState({ kind: 'webhook', summary, err })).toBe(state);
});
