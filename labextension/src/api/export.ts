import { ServerConnection } from '@jupyterlab/services';
import { request } from './request';

/** A file that an export makes, or has made. */
export interface IExportedFile {
  /** Below the server's root. */
  path: string;
  text: string;
  /** A file of that name is there already. */
  exists: boolean;
  written: boolean;
}

/** What an export makes of a notebook. */
export interface IExport {
  module: IExportedFile;
  function: IExportedFile;
  warnings: string[];
}

/** What to export. */
export interface IExportRequest {
  /** The notebook's path below the server's root. */
  path: string;
  /** The open document; null takes the file on disk. */
  notebook: unknown;
  /** Write over files that are not ours. */
  force?: boolean;
  /** Show what would be written, and write nothing. */
  dry_run?: boolean;
}

/** Make a module and a function of a notebook; 409 where a file is in the way. */
export function exportNotebook(
  settings: ServerConnection.ISettings,
  body: IExportRequest
): Promise<IExport> {
  return request(settings, 'lab/export', {
    method: 'POST',
    body: { force: false, dry_run: false, ...body }
  });
}
