import type { IRunRow, Json } from '../api/documents';
import type { IColumn } from './columns';

function textOf(row: IRunRow, column: IColumn): string {
  const value: Json | undefined =
    column.group === 'parameters'
      ? row.parameters[column.name]
      : column.group === 'results'
        ? row.results[column.name]
        : (row as unknown as Record<string, Json>)[column.id];
  if (value === undefined || value === null) {
    return '';
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A field of a line: quoted where it must be, and never a formula to a spreadsheet. */
export function csvField(text: string): string {
  const plain = /^[=+@\t\r]|^-(?![\d.])/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

/** Lines of fields as a CSV text. */
export function csvText(lines: readonly (readonly string[])[]): string {
  return lines.map(line => line.map(csvField).join(',')).join('\r\n') + '\r\n';
}

/** Runs as a CSV text, with the columns of a table. */
export function runsCsv(
  rows: readonly IRunRow[],
  columns: readonly IColumn[]
): string {
  return csvText([
    columns.map(column => column.id),
    ...rows.map(row => columns.map(column => textOf(row, column)))
  ]);
}
