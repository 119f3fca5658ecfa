import { diffLines } from 'diff';
import type { ServerConnection } from '@jupyterlab/services';
import { IRun, Json, JsonMap } from '../api/documents';
import { parseFunctionUri } from '../api/functions';
import { listRuns, readRun } from '../api/runs';

const LOOK_BACK = 20;

/** A named value that is not the same in two runs; undefined where a run lacks it. */
export interface IChange {
  name: string;
  from: Json | undefined;
  to: Json | undefined;
}

/** What differs between a run and an earlier one. */
export interface IDifferences {
  parameters: IChange[];
  inputs: IChange[];
  packages: IChange[];
  code: { added: number; removed: number } | null;
}

/** The name of the function a run ran. */
export function functionName(run: IRun): string {
  return parseFunctionUri(run.spec.function ?? '')?.name ?? run.metadata.name;
}

/**
 * The run of the same function that started last before this one (with one of the states,
 * where they are given), or null.
 */
export async function readPreviousRun(
  settings: ServerConnection.ISettings,
  run: IRun,
  states?: readonly string[]
): Promise<IRun | null> {
  const { project, uid, name } = run.metadata;
  // a run of no function is known by its name alone
  const known = Boolean(run.spec.function);
  const page = await listRuns(settings, {
    project,
    function: known ? functionName(run) : undefined,
    q: known ? undefined : name,
    states,
    sort: '-start_time',
    limit: LOOK_BACK
  });
  const started = Date.parse(run.status.start_time ?? '');
  const found = page.rows.find(
    row =>
      row.uid !== uid &&
      row.iter === 0 &&
      (known || row.name === name) &&
      !(Date.parse(row.start_time ?? '') > started)
  );
  return found ? readRun(settings, found) : null;
}

/** Names whose values differ, in the order of the newer one. */
export function changesOf(
  from: Readonly<JsonMap> = {},
  to: Readonly<JsonMap> = {}
): IChange[] {
  const names = new Set([...Object.keys(to), ...Object.keys(from)]);
  return [...names]
    .filter(name => JSON.stringify(from[name]) !== JSON.stringify(to[name]))
    .map(name => ({ name, from: from[name], to: to[name] }));
}

/** How many lines were added and removed between two texts. */
export function countLines(
  from: string,
  to: string
): { added: number; removed: number } {
  const counts = { added: 0, removed: 0 };
  for (const part of diffLines(from, to)) {
    if (part.added) {
      counts.added += part.count;
    } else if (part.removed) {
      counts.removed += part.count;
    }
  }
  return counts;
}

function bodyOf(run: IRun): string | null {
  const source = run.spec.origin?.cell_source;
  // the magic line holds the parameters, which are compared by themselves
  return source ? source.replace(/^%%.*(?:\n|$)/, '') : null;
}

/** What differs between a run and an earlier one. */
export function compareRuns(run: IRun, earlier: IRun): IDifferences {
  const before = bodyOf(earlier);
  const after = bodyOf(run);
  const code =
    before === null || after === null || before === after
      ? null
      : countLines(`${before.trimEnd()}\n`, `${after.trimEnd()}\n`);
  return {
    parameters: changesOf(earlier.spec.parameters, run.spec.parameters),
    inputs: changesOf(earlier.spec.inputs, run.spec.inputs),
    packages: changesOf(
      earlier.spec.origin?.packages,
      run.spec.origin?.packages
    ),
    code
  };
}
