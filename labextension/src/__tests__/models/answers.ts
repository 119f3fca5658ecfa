import { ServerConnection } from '@jupyterlab/services';
import type { IEvent } from '../../api/documents';
import { MLRunService } from '../../models/service';

/** A request as the server got it. */
export interface IAsked {
  method: string;
  path: string;
  query: URLSearchParams;
  body: unknown;
}

/** Answers requests, at once or later: a value is sent as JSON, a number as a status without more. */
export type Answer = (asked: IAsked) => unknown;

class Socket {
  static last: Socket | null = null;
  readyState = 1;
  OPEN = 1;
  sent: string[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  constructor() {
    Socket.last = this;
  }
  send(text: string): void {
    this.sent.push(text);
  }
  close(): void {
    this.readyState = 3;
  }
}

/** A service whose server and socket are in the hands of a test. */
export function makeService(answer: Answer) {
  const asked: IAsked[] = [];
  const fetch = async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    const text = request.method === 'GET' ? '' : await request.text();
    const one = {
      method: request.method,
      path: decodeURI(url.pathname).replace('/mlrun/api/v1/', ''),
      query: url.searchParams,
      body: text ? JSON.parse(text) : undefined
    };
    asked.push(one);
    const found = await answer(one);
    return typeof found === 'number'
      ? new Response(JSON.stringify({ detail: `status ${found}` }), {
          status: found
        })
      : new Response(JSON.stringify(found));
  };
  const settings = ServerConnection.makeSettings({
    baseUrl: 'http://localhost/',
    wsUrl: 'ws://localhost/',
    fetch: fetch as typeof window.fetch,
    WebSocket: Socket as unknown as typeof WebSocket
  });
  const service = new MLRunService(settings);
  service.start();
  const tell = (message: object) =>
    Socket.last?.onmessage?.({ data: JSON.stringify(message) });
  return {
    service,
    asked,
    hello: () => tell({ type: 'hello', cursor: 0, epoch: 'e' }),
    emit: (event: Partial<IEvent>) => tell({ type: 'event', event })
  };
}

/** Time for requests that are answered at once. */
export function pause(ms = 0): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms));
}

/** Wait for something to be there, however slow the machine; what it is in the end. */
export async function until<T>(
  look: () => T,
  ms = 4000
): Promise<NonNullable<T>> {
  const last = Date.now() + ms;
  for (;;) {
    const found = look();
    if (found) {
      return found;
    }
    if (Date.now() > last) {
      throw new Error(`it did not come: ${document.body.textContent}`);
    }
    await pause(10);
  }
}
