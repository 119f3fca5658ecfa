import type { TranslationBundle } from '@jupyterlab/translation';
import type { IFunction, IRun, JsonMap } from '../api/documents';
import { sourceOf } from '../api/functions';
import { formatParameter, formatSize, shortId } from '../format';

/** One thing that goes to where a run runs. */
export interface IShipped {
  name: string;
  kind: string;
  size: number | null;
  detail: string;
}

/** What a run is given beside its function. */
export interface IGiven {
  parameters: JsonMap;
  inputs: Readonly<Record<string, string>>;
  secrets: readonly string[];
  returns: readonly string[];
}

/** Everything that ships with a run of a stored function, as `--explain` lists it for a cell. */
export function shipmentOf(
  code: IFunction | null,
  run: IRun | null,
  given: IGiven,
  trans: TranslationBundle
): IShipped[] {
  return [
    ...(code ? ofFunction(code, trans) : []),
    ...ofGiven(given, trans),
    ...Object.entries(run?.spec.env ?? {}).map(([name]) =>
      row(name, trans.__('variable'))
    ),
    ...Object.entries(run?.spec.origin?.packages ?? {})
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([name, version]) => row(name, trans.__('package'), version))
  ];
}

function row(
  name: string,
  kind: string,
  detail = '',
  size: number | null = null
): IShipped {
  return { name, kind, detail, size };
}

function ofFunction(code: IFunction, trans: TranslationBundle): IShipped[] {
  const { spec, metadata } = code;
  const module = sourceOf(code);
  const { command, image, build } = spec;
  return [
    ...(module
      ? [
          row(
            `${metadata.name}.py`,
            trans.__('module'),
            trans.__('version %1', shortId(metadata.hash ?? '')),
            new TextEncoder().encode(module).length
          )
        ]
      : []),
    ...(command ? [row(command, trans.__('command'))] : []),
    ...(image ? [row(image, trans.__('image'))] : []),
    ...(spec.captured ?? []).map(each =>
      row(each.name, each.kind, shortId(each.hash ?? ''), each.bytes ?? null)
    ),
    ...(spec.files ?? []).map(file =>
      row(
        file.path,
        trans.__('file'),
        shortId(file.hash ?? ''),
        file.content === undefined
          ? null
          : Math.floor((file.content.length * 3) / 4)
      )
    ),
    ...(build?.requirements ?? []).map(text =>
      row(text, trans.__('requirement'))
    )
  ];
}

function ofGiven(given: IGiven, trans: TranslationBundle): IShipped[] {
  return [
    ...Object.entries(given.parameters).map(([name, value]) =>
      row(name, trans.__('parameter'), formatParameter(value))
    ),
    ...Object.entries(given.inputs).map(([name, uri]) =>
      row(name, trans.__('input'), uri)
    ),
    ...given.secrets.map(name =>
      row(name, trans.__('secret'), trans.__('by name, in memory only'))
    ),
    ...given.returns.map(hint => {
      const [name, kind = ''] = hint.split(':');
      return row(name.trim(), trans.__('output'), kind.trim());
    })
  ];
}

/** The size of everything whose size is known, in words. */
export function weightOf(shipped: readonly IShipped[]): string {
  return formatSize(shipped.reduce((sum, { size }) => sum + (size ?? 0), 0));
}
