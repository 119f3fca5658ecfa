import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { RUN_KEYS } from '../../components/runKeys';
import { ARTIFACT_KEYS } from '../../panels/artifacts/menu';
import { SCHEDULE_KEYS } from '../../panels/automation/menu';
import { keysOf } from '../../panels/core/keys';
import { FUNCTION_KEYS } from '../../panels/functions/menu';
import { ALERT_KEYS } from '../../panels/monitoring/menu';

const trans = nullTranslator.load('jupyter_mlrun');

it('lists the chords of our commands as the user has them', () => {
  const commands = new CommandRegistry();
  commands.addCommand('jupyter-mlrun:open-runs', {
    label: 'Open the table of runs',
    execute: () => null
  });
  commands.addCommand('other:thing', { label: 'Other', execute: () => null });
  for (const [command, key] of [
    ['jupyter-mlrun:open-runs', 'R'],
    ['other:thing', 'T']
  ]) {
    commands.addKeyBinding({
      command,
      keys: ['Alt M', key],
      selector: 'body'
    });
  }
  const [everywhere, ...places] = keysOf(commands, trans);
  expect(everywhere.keys).toEqual([['Alt+M, R', 'Open the table of runs']]);
  for (const { keys } of places) {
    expect(new Set(keys.map(([key]) => key)).size).toBe(keys.length);
  }
});

it.each<[string, readonly string[], string[]]>([
  ['Runs', RUN_KEYS, ['→ ←', 'Space', 'Ctrl+A']],
  ['Artifacts', Object.keys(ARTIFACT_KEYS), []],
  ['Functions', Object.keys(FUNCTION_KEYS), []],
  ['Schedules', Object.keys(SCHEDULE_KEYS), []],
  ['Alerts', Object.keys(ALERT_KEYS), []]
])('lists the keys that %s have, and no others', (title, keys, more) => {
  const group = keysOf(new CommandRegistry(), trans).find(
    each => each.title === title
  );
  const shown = keys.map(key => (key.length === 1 ? key.toUpperCase() : key));
  expect(group?.keys.map(([key]) => key).sort()).toEqual(
    [...shown, ...more].sort()
  );
});
