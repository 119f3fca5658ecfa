import { expect, test } from './fixture';
import { makeNotebook, startCell } from './cells';
import { look } from './service';

/** The code of a form of a function of that name. */
const form = (name: string) => `from pathlib import Path
import jupyter_mlrun as mlrun
from jupyter_mlrun.widgets import compare
Path("trees.py").write_text('''
def plant(context, count: int = 2, deep: bool = False):
    """Plant.

    :param count: how many
    """
    for step in range(count):
        context.log_progress(step + 1, count, "planting")
    context.log_result("planted", count)
''')
trees = mlrun.code_to_function("${name}", filename="trees.py", kind="local", handler="plant")
mlrun.run_form(trees)`;

const comparison = (name: string) =>
  `compare(mlrun.get_run_db().list_runs(name="~${name}", project="default"))`;

test('a form of controls runs a function and follows it, and runs are compared', async ({
  page,
  tmpPath
}) => {
  // a second try on this server finds the runs of the first
  const name = `widget-trees-${Date.now().toString(36)}`;
  await makeNotebook(page, `${tmpPath}/widgets.ipynb`, [
    form(name),
    comparison(name)
  ]);
  await startCell(page, 1);
  const output = page.locator('.jp-Cell').nth(1).locator('.jp-Cell-outputArea');
  const count = output.getByRole('textbox', { name: 'count' });
  await expect(count).toHaveValue('2', { timeout: 60000 });
  await expect(output).toContainText('how many');
  // an icon is part of the name
  const press = () => output.getByRole('button', { name: /Run$/ }).click();
  await count.fill('many');
  await press();
  await expect(output).toContainText("'many' is no int for the parameter count");
  for (const wanted of ['3', '5']) {
    await count.fill(wanted);
    await press();
    await expect(output).toContainText(`planted ${wanted}`, { timeout: 60000 });
    await expect(
      output.getByRole('button', { name: /Stop$/ }).last()
    ).toBeDisabled();
  }
  await look(page, 'widget-form');

  await startCell(page, 2);
  const compared = page.locator('.jp-Cell').nth(2).locator('.jp-Cell-outputArea');
  await expect(compared.getByRole('option')).toHaveCount(2);
  await expect(compared.getByRole('table').first()).toContainText('planted');
  await look(page, 'widget-compare');
});
