import type { IRunRow } from '../../api/documents';

/** A row of a run for tests, with what a test says about it. */
export function makeRow(change: Partial<IRunRow> = {}): IRunRow {
  return {
    project: 'p',
    uid: 'u1',
    iter: 0,
    name: 'train',
    state: 'completed',
    start_time: '2026-11-21T10:00:00+00:00',
    end_time: '2026-11-21T10:00:04+00:00',
    last_update: '2026-11-21T10:00:04+00:00',
    duration: 4,
    kind: 'local',
    function: 'train',
    owner: 'ana',
    labels: { team: 'onco', kind: 'local' },
    parameters: {},
    results: {},
    progress: null,
    error: null,
    reason: null,
    status_text: null,
    notebook: null,
    cell_id: null,
    cell_hash: null,
    iterations: null,
    done_iterations: null,
    series: null,
    artifact_count: 0,
    host: null,
    ...change
  };
}
