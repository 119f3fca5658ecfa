import type { IFunction } from '../../api/documents';

/** A taint of nodes that pods put up with. */
export interface IToleration {
  key?: string;
  operator?: string;
  value?: string;
  effect?: string;
  [key: string]: unknown;
}

/** A name, as labels and resources of Kubernetes have it. */
export const NAME = '[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?';
const KEY = `(?:[a-z0-9.-]+/)?${NAME}`;
/** A label of nodes as it is typed. */
export const SELECTOR = new RegExp(`^(${KEY})=(${NAME})?$`);
/** A toleration as it is typed. */
export const TOLERATION = new RegExp(
  `^(${KEY})(?:=(${NAME})?)?(?::(NoSchedule|PreferNoSchedule|NoExecute))?$`
);

/** The words of a text that lists several. */
export function partsOf(text: string): string[] {
  return text
    .split(/[\s,]+/)
    .map(part => part.trim())
    .filter(Boolean);
}

/** The labels of nodes that a text asks for. */
export function selectorOf(text: string): Record<string, string> {
  return Object.fromEntries(
    partsOf(text).map(part => {
      const [, key, value] = SELECTOR.exec(part) ?? [];
      return [key, value ?? ''];
    })
  );
}

/** The toleration that a text says. */
export function tolerationOf(text: string): IToleration {
  const [, key, value, effect] = TOLERATION.exec(text) ?? [];
  return {
    key,
    ...(text.includes('=')
      ? { operator: 'Equal', value: value ?? '' }
      : { operator: 'Exists' }),
    ...(effect ? { effect } : {})
  };
}

/** A toleration as it is typed; null where that cannot be. */
export function textOf({
  key,
  operator,
  value,
  effect,
  ...rest
}: IToleration): string | null {
  const shown = operator === 'Exists' ? key : `${key ?? ''}=${value ?? ''}`;
  const text = `${shown ?? ''}${effect ? `:${effect}` : ''}`;
  const isWhole = Object.values(rest).every(
    item => item === null || item === undefined
  );
  return isWhole && TOLERATION.test(text) ? text : null;
}

/** Where the pods of a role may be; the function's own word is for all roles. */
export function placeOf(role: string, spec: IFunction['spec'] | undefined) {
  const of = <T>(name: string, none: T): T =>
    (spec?.[role && `${role}_${name}`] ?? spec?.[name] ?? none) as T;
  return {
    nodes: of<Record<string, string>>('node_selector', {}),
    tolerations: of<IToleration[]>('tolerations', [])
  };
}
