import { makeRow } from '../../models/__tests__/rows';
import { RunWindow } from '../../models/runWindow';
import type { IRunPage } from '../../api/documents';

const page = (total: number, count: number) =>
  ({
    total,
    rows: Array.from({ length: count }, (_, index) =>
      makeRow({ uid: `u${index}` })
    )
  }) as unknown as IRunPage;

it('is as long as what matches, from wherever it is read again', () => {
  const list = new RunWindow();
  list.reset(page(100_000, 200), 99_800);
  expect(list.total).toBe(100_000);
  list.reset(page(11, 0), 99_800);
  expect(list.total).toBe(11);
  expect(list.missing(0, 10)).toEqual([0]);
  list.fill(page(11, 11), 0);
  expect(list.loaded()).toHaveLength(11);
});
