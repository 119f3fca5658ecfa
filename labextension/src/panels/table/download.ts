import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { reasonOf } from '../../api/request';
import { listRuns } from '../../api/runs';
import { formatCount } from '../../format';
import type { IColumn } from '../../models/columns';
import { runsCsv } from '../../models/csv';
import { saveBytes } from '../../models/download';
import type { RunList } from '../../models/runList';

const MOST = 20000;

/** Give the user all runs that match as a CSV file, with the columns of the table. */
export async function downloadRuns(
  list: RunList,
  columns: readonly IColumn[],
  trans: TranslationBundle
): Promise<void> {
  const { service, query } = list;
  const { q, states, notebook, sort } = query;
  try {
    const page = await listRuns(service.settings, {
      project: service.project,
      q,
      states,
      notebook: notebook ?? undefined,
      sort,
      limit: MOST
    });
    saveBytes(
      runsCsv(page.rows, columns),
      `${service.project ?? 'runs'}-${new Date().toISOString().slice(0, 10)}.csv`
    );
    if (page.total > page.rows.length) {
      Notification.warning(
        trans.__(
          'The file holds the first %1 of %2 runs: filter to get the others.',
          formatCount(page.rows.length),
          formatCount(page.total)
        ),
        { autoClose: 8000 }
      );
    }
  } catch (reason) {
    Notification.error(
      trans.__('The runs were not downloaded: %1', reasonOf(reason)),
      { autoClose: false }
    );
  }
}
