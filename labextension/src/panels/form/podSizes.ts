import type { IFunction } from '../../api/documents';

/** What pods request, and what they may use at most. */
export interface IResources {
  requests?: Record<string, string | number>;
  limits?: Record<string, string | number>;
}

/** The methods of a function that say how large the pods of a part are. */
export function methodsOf(part: string | undefined): [string, string] {
  const role = part?.endsWith('_resources')
    ? `${part.replace('_resources', '')}_`
    : '';
  return [`with_${role}requests`, `with_${role}limits`];
}

/** How large the pods are that a part of a function sizes. */
export function resourcesOf(
  part: string | undefined,
  spec: IFunction['spec'] | undefined
): IResources {
  return (spec?.[part ?? ''] ?? {}) as IResources;
}

/** Sizes with what was typed in place of what was there before. */
export function filled(
  before: IResources['requests'],
  values: Record<string, string | number | undefined>
): Record<string, string | number> {
  const all = Object.entries({ ...before, ...values });
  return Object.fromEntries(
    all.filter((entry): entry is [string, string | number] => Boolean(entry[1]))
  );
}
