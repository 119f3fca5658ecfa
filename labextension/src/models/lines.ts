import { diffLines } from 'diff';

/** How many lines a change adds and removes. */
export function countChanges(
  from: string,
  to: string
): { added: number; removed: number } {
  const count = { added: 0, removed: 0 };
  for (const part of diffLines(from, to)) {
    count.added += part.added ? part.count : 0;
    count.removed += part.removed ? part.count : 0;
  }
  return count;
}
