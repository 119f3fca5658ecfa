import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

/** Where the service is mounted below the server's base URL. */
export const MOUNT = 'mlrun/api/v1';

/** What a request may carry beside its path. */
export interface IRequestOptions {
  /** HTTP method; `GET` unless told. */
  method?: string;
  /** Query parameters; `undefined` and `null` are left out. */
  query?: Readonly<Record<string, QueryValue>>;
  /** A value sent as JSON. */
  body?: unknown;
  /** Ends the request early. */
  signal?: AbortSignal;
  /** Further headers. */
  headers?: Record<string, string>;
}

/** A value of the query string. */
export type QueryValue =
  string | number | boolean | readonly string[] | null | undefined;

/** An answer that is not a success: the sentence of the service and its status. */
export class RequestError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly details: string = ''
  ) {
    super(message);
    this.name = 'RequestError';
  }
}

/** The address of a path of the service, with its query. */
export function serviceUrl(
  settings: ServerConnection.ISettings,
  path: string,
  query: Readonly<Record<string, QueryValue>> = {}
): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (Array.isArray(value)) {
      value.forEach(item => search.append(name, item));
    } else if (value !== undefined && value !== null && value !== '') {
      search.append(name, String(value));
    }
  }
  const text = search.toString();
  return URLExt.join(settings.baseUrl, MOUNT, path) + (text ? `?${text}` : '');
}

/** Path segments, each encoded: the only way an id gets into an address. */
export function joinPath(...segments: readonly string[]): string {
  for (const segment of segments) {
    if (segment === '' || segment === '.' || segment === '..') {
      throw new RequestError(400, `'${segment}' is not a name of the service`);
    }
  }
  return segments.map(encodeURIComponent).join('/');
}

/** The answer to a request; a status that is no success raises `RequestError`. */
export async function send(
  settings: ServerConnection.ISettings,
  path: string,
  options: IRequestOptions = {}
): Promise<Response> {
  const { method = 'GET', query, body, signal, headers = {} } = options;
  const init: RequestInit = { method, signal, headers: { ...headers } };
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { 'Content-Type': 'application/json', ...headers };
  }
  const response = await ServerConnection.makeRequest(
    serviceUrl(settings, path, query),
    init,
    settings
  );
  if (!response.ok) {
    throw await failure(response);
  }
  return response;
}

/** The JSON answer to a request. */
export async function request<T>(
  settings: ServerConnection.ISettings,
  path: string,
  options: IRequestOptions = {}
): Promise<T> {
  const response = await send(settings, path, options);
  const text = await response.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

async function failure(response: Response): Promise<RequestError> {
  const text = await response.text();
  return new RequestError(
    response.status,
    sentence(text) || `${response.status} ${response.statusText}`,
    text
  );
}

function sentence(text: string): string {
  try {
    const data: unknown = JSON.parse(text);
    if (typeof data === 'object' && data !== null) {
      const { detail, reason, message } = data as Record<string, unknown>;
      const found = [detail, reason, message].find(
        part => typeof part === 'string' && part !== ''
      );
      return typeof found === 'string' ? found : '';
    }
  } catch {
    // an answer that is not JSON (a proxy's page) is shown by its status line
  }
  return '';
}

/** What went wrong, as one sentence for the user. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
