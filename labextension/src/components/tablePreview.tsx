import React from 'react';
import { readArtifactBytes } from '../api/artifacts';
import type { IArtifact, Json, JsonMap } from '../api/documents';
import { reasonOf } from '../api/request';
import { Button, IconButton } from './button';
import { Histogram } from './histogram';
import { Note } from './note';
import { useTrans } from './translation';
import { formatCount, formatSize } from '../format';
import { CsvPages, ITablePages, openParquet } from '../models/tablePages';
import { LARGE, Preview, formatOf } from '../models/preview';
import type { IPreviewProps } from './artifactPreview';

const PAGE = 100;

type Pager = () => Promise<ITablePages>;

/** What opens the pages of an artifact where it lies; null for a file that is no table. */
function pagerOf(props: IPreviewProps, header: string[]): Pager | null {
  const { artifact, settings } = props;
  const { project, uid } = artifact.metadata;
  const { size, length = null, target_path: path } = artifact.spec;
  const format = formatOf(artifact);
  if (!uid || !path || !size) {
    return null;
  }
  const file = {
    size,
    header,
    length,
    read: async (first: number, end: number) => {
      const range = { first, last: end - 1 };
      const answer = await readArtifactBytes(settings, project, uid, range);
      return answer.arrayBuffer();
    }
  };
  return format === 'parquet' || format === 'pq'
    ? () => openParquet(file)
    : format === 'csv'
      ? () => Promise.resolve(new CsvPages(file))
      : null;
}

function usePages(props: IPreviewProps, preview: Preview & { kind: 'table' }) {
  const stored = { first: 0, rows: preview.rows };
  const [shown, setShown] = React.useState(stored);
  const [failure, setFailure] = React.useState<string | null>(null);
  const [busy, setBusy] = React.useState(false);
  const pages = React.useRef<ITablePages | null>(null);
  const { hash, uid } = props.artifact.metadata;
  const turn = React.useRef(0);
  React.useEffect(() => {
    turn.current += 1;
    pages.current = null;
    setShown(stored);
    setFailure(null);
    setBusy(false);
  }, [hash, uid]);
  const pager = pagerOf(props, preview.header);
  const total = pages.current?.total ?? preview.length;
  const go = async (first: number) => {
    const asked = turn.current;
    setBusy(true);
    try {
      const opened = pages.current ?? (pager && (await pager()));
      const rows = (await opened?.read(first, PAGE)) ?? [];
      // another version of the artifact may have taken its place meanwhile
      if (asked !== turn.current) {
        return;
      }
      pages.current = opened;
      if (rows.length > 0 || first === 0) {
        setShown({ first, rows });
      }
      setFailure(null);
    } catch (error) {
      if (asked !== turn.current) {
        return;
      }
      setFailure(reasonOf(error));
    }
    setBusy(false);
  };
  return { ...shown, total, failure, busy, go: pager ? go : null };
}

/** A table: its stored rows at once, all others a page at a time. */
export function TablePreview(
  props: IPreviewProps & { preview: Preview & { kind: 'table' } }
) {
  const trans = useTrans();
  const { artifact, preview } = props;
  const { header } = preview;
  const pages = usePages(props, preview);
  const { first, rows } = pages;
  const numeric = header.map((_, column) =>
    rows.every(row => row[column] === null || typeof row[column] === 'number')
  );
  return (
    <div className="jp-mlrun-preview-table" aria-busy={pages.busy}>
      <div
        className="jp-mlrun-scrolls"
        tabIndex={0}
        role="group"
        aria-label={artifact.metadata.key}
      >
        <table
          className="jp-mlrun-data"
          aria-rowcount={pages.total === null ? -1 : pages.total + 1}
        >
          <thead>
            <tr>
              {header.map((name, column) => (
                <Head
                  key={column}
                  name={name}
                  artifact={artifact}
                  numeric={numeric[column]}
                />
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, index) => (
              <tr key={first + index} aria-rowindex={first + index + 2}>
                {row.map((value, column) => (
                  <td
                    key={column}
                    className={numeric[column] ? 'jp-mlrun-num' : ''}
                    title={cellText(value)}
                  >
                    <bdi>{cellText(value)}</bdi>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {pages.failure && (
        <Note kind="error">
          {trans.__(
            'The rows of %1 were not read: %2',
            artifact.metadata.key,
            pages.failure
          )}
        </Note>
      )}
      <Pages {...pages} artifact={artifact} />
    </div>
  );
}

/** The name of a column, its type and how much of it is empty; its histogram on demand. */
function Head(props: { name: string; artifact: IArtifact; numeric: boolean }) {
  const trans = useTrans();
  const [open, setOpen] = React.useState(false);
  const { name, artifact } = props;
  const { spec, status } = artifact;
  const type = spec.schema?.fields?.find(field => field.name === name)?.type;
  const stats = ((status?.stats ?? spec.stats) as JsonMap | undefined)?.[name];
  const { count, hist } = (stats ?? {}) as { count?: Json; hist?: Json };
  const empty =
    typeof count === 'number' && spec.length ? 1 - count / spec.length : null;
  const bins = histogramOf(hist);
  const share = new Intl.NumberFormat(undefined, {
    style: 'percent',
    maximumFractionDigits: 1
  });
  return (
    <th
      scope="col"
      className={props.numeric ? 'jp-mlrun-num' : ''}
      title={name}
    >
      <bdi>{name}</bdi>
      <div className="jp-mlrun-column-facts">
        {type}
        {empty !== null && empty > 0 && (
          <span> {trans.__('%1 empty', share.format(empty))}</span>
        )}
        {bins && (
          <button
            type="button"
            className="jp-mlrun-link"
            aria-expanded={open}
            aria-label={trans.__('Histogram of %1', name)}
            title={trans.__('Histogram of %1', name)}
            onClick={() => setOpen(!open)}
          >
            ▁▃▅
          </button>
        )}
      </div>
      {open && bins && <Histogram name={name} {...bins} />}
    </th>
  );
}

function histogramOf(
  value: Json | undefined
): { counts: number[]; edges: number[] } | null {
  const [counts, edges] = Array.isArray(value) ? value : [];
  return Array.isArray(counts) && Array.isArray(edges) && counts.length > 0
    ? { counts: counts.map(Number), edges: edges.map(Number) }
    : null;
}

function Pages(props: {
  artifact: IArtifact;
  first: number;
  rows: readonly Json[][];
  total: number | null;
  busy: boolean;
  go: ((first: number) => Promise<void>) | null;
}) {
  const trans = useTrans();
  const { first, rows, total, busy, go, artifact } = props;
  const { size = 0 } = artifact.spec;
  const [asked, setAsked] = React.useState(false);
  const end = first + rows.length;
  const isAll = first === 0 && total !== null && end >= total;
  const large = formatOf(artifact) !== 'csv' && size > LARGE && !asked;
  const range =
    total === null
      ? trans.__('Rows %1 to %2', formatCount(first + 1), formatCount(end))
      : trans.__(
          'Rows %1 to %2 of %3',
          formatCount(Math.min(first + 1, total)),
          formatCount(end),
          formatCount(total)
        );
  return (
    <div className="jp-mlrun-pages">
      <span className="jp-mlrun-dim" role="status">
        {isAll ? trans._n('%1 row', '%1 rows', rows.length) : range}
      </span>
      {!isAll && go && large && (
        <Button
          label={trans.__('Read all rows (%1)', formatSize(size))}
          onClick={() => setAsked(true)}
        />
      )}
      {!isAll && go && !large && (
        <>
          <IconButton
            label={trans.__('First rows')}
            icon="first"
            disabled={busy || first === 0}
            onClick={() => void go(0)}
          />
          <IconButton
            label={trans.__('Previous rows')}
            icon="previous"
            disabled={busy || first === 0}
            onClick={() => void go(Math.max(0, first - PAGE))}
          />
          <IconButton
            label={trans.__('Next rows')}
            icon="next"
            disabled={busy || (total !== null && end >= total)}
            onClick={() => void go(end)}
          />
          {total !== null && (
            <IconButton
              label={trans.__('Last rows')}
              icon="last"
              disabled={busy || end >= total}
              onClick={() => void go(Math.max(0, total - PAGE))}
            />
          )}
        </>
      )}
    </div>
  );
}

/** A value of a table in words. */
export function cellText(value: Json): string {
  return value === null
    ? ''
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value);
}
