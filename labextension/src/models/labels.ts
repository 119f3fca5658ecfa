import type { TranslationBundle } from '@jupyterlab/translation';

/** A label as it is edited. */
export interface ILabel {
  name: string;
  value: string;
}

const OWN = /^(kind|owner|host|workflow|job-type|v3io_user|mlrun\/.*)$/;

type Labels = Readonly<Record<string, string>>;

/** The labels that all of some runs have, without those that the service itself gives. */
export function commonLabels(all: readonly Labels[]): ILabel[] {
  const [first = {}, ...others] = all;
  return Object.entries(first)
    .filter(([name]) => !OWN.test(name))
    .filter(([name, value]) => others.every(labels => labels[name] === value))
    .map(([name, value]) => ({ name, value }));
}

/** The labels of a run after an edit of those that it shares with others. */
export function changedLabels(
  labels: Labels,
  before: readonly ILabel[],
  after: readonly ILabel[]
): Record<string, string> {
  const changed = { ...labels };
  for (const { name } of before) {
    delete changed[name];
  }
  for (const { name, value } of after) {
    changed[name.trim()] = value;
  }
  return changed;
}

/** What is wrong with labels as typed, or null. */
export function labelProblem(
  labels: readonly ILabel[],
  trans: TranslationBundle
): string | null {
  const names = labels.map(({ name }) => name.trim()).filter(Boolean);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) {
    return trans.__('%1 is there twice: the last value counts.', twice);
  }
  const own = names.find(name => OWN.test(name));
  if (own) {
    return trans.__('%1 is kept by the service.', own);
  }
  const empty = labels.find(({ name, value }) => !name.trim() && value);
  return empty ? trans.__('%1 needs a name before it.', empty.value) : null;
}
