import type { TranslationBundle } from '@jupyterlab/translation';
import { sourceOf } from '../../api/functions';
import { IShipped, shipmentOf } from '../../models/shipment';
import type { ITyped, Runnable } from './task';

/** What a run would be, and everything that goes along. */
export interface IDryRun {
  /** What runs: `project/name`. */
  name: string;
  kind: string;
  /** Its folder, where it is known. */
  folder: string;
  shipped: readonly IShipped[];
  /** The text of the module. */
  module: string;
  warnings: readonly string[];
}

/** What would come of a form; nothing is stored or run. */
export function dryRunOf(
  { target, name, run, code }: Runnable,
  { parameters, inputs, wishes }: ITyped,
  secrets: readonly string[],
  trans: TranslationBundle
): IDryRun {
  const { returns } = wishes;
  const given = { parameters, inputs, secrets, returns };
  const warnings = [
    code
      ? ''
      : trans.__(
          'The function is not stored any more: what ships with it is not known.'
        ),
    wishes.isNewVersion
      ? trans.__('A new version of the function is stored first.')
      : ''
  ];
  return {
    name: `${target.project}/${name}`,
    kind: wishes.kind,
    folder: run?.spec.origin?.workdir ?? '',
    shipped: shipmentOf(code, run, given, trans),
    module: code ? sourceOf(code) : '',
    warnings: warnings.filter(Boolean)
  };
}
