import { expect, test } from './fixture';
import { makeNotebook, runToEnd, saveNotebook } from './cells';

test('Notebook 7 draws the card, and its buttons open a page of Lab', async ({
  page,
  context,
  tmpPath
}) => {
  await makeNotebook(page, `${tmpPath}/seven.ipynb`, [
    '%%mlrun cardseven -o out\nout = 7'
  ]);
  const uid = await runToEnd(page, 1, 'cardseven');
  await saveNotebook(page);
  const plain = await context.newPage();
  await plain.goto(
    `${process.env.TARGET_URL}/notebooks/${tmpPath}/seven.ipynb`
  );
  const card = plain.locator('.jp-mlrun-card');
  await expect(card).toContainText('cardseven', { timeout: 60000 });
  await expect(card).toHaveAttribute('data-state', 'completed');
  await plain.screenshot({ path: 'test-results/card-notebook7.png' });
  const [lab] = await Promise.all([
    context.waitForEvent('page'),
    card.getByRole('button', { name: 'Open' }).click()
  ]);
  await expect(lab.locator('.jp-mlrun-runPanel h1')).toHaveText('cardseven', {
    timeout: 60000
  });
  await expect(lab.locator('.jp-mlrun-runPanel')).toContainText(
    uid.slice(0, 7)
  );
});
