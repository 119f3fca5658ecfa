/** What a run may use at most. */
export type LimitName = 'timeout' | 'cpu' | 'memory';

/** The limits, in the order of the form. */
export const LIMITS: readonly LimitName[] = ['timeout', 'cpu', 'memory'];

const SECONDS: Readonly<Record<string, number>> = {
  '': 1,
  s: 1,
  m: 60,
  h: 3600,
  d: 86400
};
const BYTES: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  t: 1e12,
  ki: 2 ** 10,
  mi: 2 ** 20,
  gi: 2 ** 30,
  ti: 2 ** 40
};

/** The number that a text means, as the magic line reads it; null where it is empty, undefined where it is none. */
export function parseLimit(
  name: LimitName,
  text: string
): number | null | undefined {
  const found = /^(\d+(?:\.\d+)?|\.\d+)\s*([a-z]*)$/.exec(
    text.trim().toLowerCase()
  );
  if (text.trim() === '') {
    return null;
  }
  const unit = found?.[2] ?? '';
  const factor =
    name === 'timeout'
      ? SECONDS[unit]
      : name === 'memory'
        ? BYTES[unit.replace(/b$/, '')]
        : unit === ''
          ? 1
          : undefined;
  const value = Number(found?.[1]) * (factor ?? NaN);
  return Number.isFinite(value) && value > 0
    ? name === 'memory'
      ? Math.trunc(value)
      : value
    : undefined;
}

/** A limit as it is typed: `15m`, `2`, `4G`. */
export function formatLimit(
  name: LimitName,
  value: number | null | undefined
): string {
  if (value === null || value === undefined) {
    return '';
  }
  const units =
    name === 'timeout'
      ? Object.entries({ h: 3600, m: 60, s: 1 })
      : name === 'memory'
        ? Object.entries({
            Ti: 2 ** 40,
            Gi: 2 ** 30,
            T: 1e12,
            G: 1e9,
            Mi: 2 ** 20,
            M: 1e6
          })
        : [];
  const [unit, factor] = units.find(([, size]) => value % size === 0) ?? [
    '',
    1
  ];
  return `${value / factor}${unit}`;
}
