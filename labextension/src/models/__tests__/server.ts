import { ServerConnection } from '@jupyterlab/services';

/** A request as the server saw it. */
export interface IRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  body: unknown;
}

/** Settings whose requests are answered by a function: a status and a JSON value. */
export function answeredBy(
  answer: (request: IRequest) => { status?: number; body?: unknown }
): { settings: ServerConnection.ISettings; requests: IRequest[] } {
  const requests: IRequest[] = [];
  const settings = ServerConnection.makeSettings({
    baseUrl: 'http://localhost/user/ana/',
    wsUrl: 'ws://localhost/user/ana/',
    appendToken: false,
    fetch: async (input: RequestInfo | URL) => {
      const sent = input as Request;
      const url = new URL(sent.url);
      const text = sent.method === 'GET' ? '' : await sent.text();
      const request = {
        method: sent.method,
        path: url.pathname,
        query: url.searchParams,
        body: text ? JSON.parse(text) : undefined
      };
      requests.push(request);
      const { status = 200, body } = answer(request);
      return new Response(body === undefined ? '' : JSON.stringify(body), {
        status
      });
    },
    WebSocket: FakeSocket as unknown as typeof WebSocket
  });
  return { settings, requests };
}

/** A socket whose other end is the test. */
export class FakeSocket {
  static made: FakeSocket[] = [];
  readonly OPEN = 1;
  readyState = 0;
  sent: unknown[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;

  constructor(readonly url: string) {
    FakeSocket.made.push(this);
  }

  /** The last socket that was opened. */
  static get last(): FakeSocket {
    return FakeSocket.made[FakeSocket.made.length - 1];
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.readyState = 3;
  }

  /** The server accepts and greets. */
  greet(): void {
    this.readyState = 1;
    this.onopen?.();
    this.say({ type: 'hello', cursor: 1, epoch: 'e' });
  }

  /** The server sends a message. */
  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  /** The line is cut. */
  cut(): void {
    this.readyState = 3;
    this.onclose?.();
  }
}

// the real one, also where a test moves the clock
const later = setTimeout;

/** Let promises and their requests settle. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) {
    await new Promise(resolve => later(resolve, 0));
  }
}
