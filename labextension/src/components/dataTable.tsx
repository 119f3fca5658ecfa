import React from 'react';

/** A column of a table: its words, or with what stands beside them. */
export interface IDataColumn {
  label: string;
  /** Numbers stand at the end of their column. */
  number?: boolean;
  /** The words are for those who hear the page only. */
  hidden?: boolean;
}

/** A table of facts: columns with their headings, and rows as they come. */
export function DataTable(props: {
  label?: string;
  columns: readonly (string | IDataColumn)[];
  children: React.ReactNode;
}) {
  const columns = props.columns.map(column =>
    typeof column === 'string' ? { label: column } : column
  );
  return (
    <table className="jp-mlrun-data" aria-label={props.label}>
      <thead>
        <tr>
          {columns.map(({ label, number, hidden }: IDataColumn) => (
            <th
              key={label}
              scope="col"
              className={number ? 'jp-mlrun-num' : undefined}
            >
              {hidden ? (
                <span className="jp-mlrun-hidden">{label}</span>
              ) : (
                label
              )}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{props.children}</tbody>
    </table>
  );
}
