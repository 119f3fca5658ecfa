import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { keysOf } from '../../panels/core/keys';

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
  const [everywhere, ...places] = keysOf(
    commands,
    nullTranslator.load('jupyter_mlrun')
  );
  expect(everywhere.keys).toEqual([['Alt+M, R', 'Open the table of runs']]);
  expect(places).toHaveLength(3);
  for (const { keys } of places) {
    expect(new Set(keys.map(([key]) => key)).size).toBe(keys.length);
  }
});
