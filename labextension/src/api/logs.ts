import { ServerConnection } from '@jupyterlab/services';
import type { IRunRef } from './documents';
import { joinPath, request, send } from './request';

/** One line of a log. */
export interface ILogLine {
  /** Its number, from 1. */
  n: number;
  /** When it was written, in seconds since 1970. */
  t: number | null;
  text: string;
}

/** A range of lines with what is known of the whole log. */
export interface ILogLines {
  total: number;
  first: number;
  lines: ILogLine[];
  size: number;
  /** Bytes that the counts stand for: all of them, but while the index is built. */
  indexed: number;
  first_error: { line: number; offset: number } | null;
  problems: number;
}

/** A place in a log that matches a search. */
export interface ILogMatch {
  n: number;
  start: number;
  end: number;
  text: string;
}

function logPath(ref: IRunRef): string {
  return `lab/runs/${joinPath(ref.project, ref.uid)}/log`;
}

/** Lines of a log by number. */
export function readLogLines(
  settings: ServerConnection.ISettings,
  ref: IRunRef,
  first: number,
  count: number,
  signal?: AbortSignal
): Promise<ILogLines> {
  return request(settings, `${logPath(ref)}/lines`, {
    query: { first, count },
    signal
  });
}

/** Lines that tell of problems, or of warnings too. */
export type LogLevel = 'problem' | 'warning';

/** The places of a log that match; whole lines where only a level is asked for. */
export function searchLog(
  settings: ServerConnection.ISettings,
  ref: IRunRef,
  q: string,
  options: {
    regex?: boolean;
    case?: boolean;
    limit?: number;
    level?: LogLevel | null;
  } = {},
  signal?: AbortSignal
): Promise<{ matches: ILogMatch[]; truncated: boolean }> {
  return request(settings, `${logPath(ref)}/search`, {
    query: {
      q,
      regex: options.regex ? 1 : undefined,
      case: options.case ? 1 : undefined,
      limit: options.limit,
      level: options.level ?? undefined
    },
    signal
  });
}

/** The line of the next problem after a line, or of the last one before it; null without one. */
export async function readNextProblem(
  settings: ServerConnection.ISettings,
  ref: IRunRef,
  line: number,
  by: 1 | -1
): Promise<number | null> {
  const answer = await request<{ line: number | null }>(
    settings,
    `${logPath(ref)}/problem`,
    { query: { line, back: by < 0 ? 1 : undefined } }
  );
  return answer.line;
}

/** Bytes of a log from an offset. */
export async function readLogBytes(
  settings: ServerConnection.ISettings,
  ref: IRunRef,
  offset = 0,
  size?: number
): Promise<{ bytes: ArrayBuffer; total: number; state: string }> {
  const response = await send(settings, logPath(ref), {
    query: { offset, size }
  });
  return {
    bytes: await response.arrayBuffer(),
    total: Number(response.headers.get('X-Mlrun-Log-Size') ?? 0),
    state: response.headers.get('x-mlrun-run-state') ?? ''
  };
}

/** The path of the socket that follows a log; the offset goes into its query. */
export function followLogPath(ref: IRunRef): string {
  return `${logPath(ref)}/tail`;
}
