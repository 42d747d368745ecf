/** An HTTP server that answers instant queries as Prometheus does, with what a test says. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { instantQuery, type PrometheusServer } from '../../../src/adapters/prometheus/instant-query.ts';

/** Labels and value of each series; the value as Prometheus writes it. */
export type Vector = readonly (readonly [Readonly<Record<string, string>>, string])[];

export type Reply =
  | { readonly kind: 'vector'; readonly vector: Vector }
  | { readonly kind: 'raw'; readonly status: number; readonly body: string }
  | { readonly kind: 'silence' };

export class TestPrometheus {
  readonly replies = new Map<string, Reply>();
  readonly asked: IncomingMessage[] = [];
  /** How far the server's clock is before ours. */
  aheadMs = 0;
  nowMs = 1_700_000_000_000;
  token: string | null = null;
  readonly #server = createServer((request, response) => this.#answer(request, response));

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  shows(query: string, vector: Vector): void {
    this.replies.set(query, { kind: 'vector', vector });
  }

  /** When, by our clock, the series of a time query were scraped; each with its labels. */
  scraped(query: string, times: readonly (readonly [Readonly<Record<string, string>>, number])[]): void {
    this.shows(
      query,
      times.map(([labels, atMs]) => [labels, String((atMs + this.aheadMs) / 1000)]),
    );
  }

  server(timeoutMs = 5_000): PrometheusServer {
    const { port } = this.#server.address() as AddressInfo;
    return {
      url: `http://127.0.0.1:${port}/prom/`,
      timeoutMs,
      bearerToken: async () => this.token,
      nowMs: () => this.nowMs,
    };
  }

  ask(query: string, timeoutMs?: number) {
    return instantQuery(this.server(timeoutMs), query, new AbortController().signal);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    this.asked.push(request);
    const address = new URL(request.url ?? '', 'http://127.0.0.1');
    const reply = this.replies.get(address.searchParams.get('query') ?? '');
    if (address.pathname !== '/prom/api/v1/query') response.writeHead(404).end('no such page');
    else if (reply === undefined)
      response.writeHead(400).end(errorBody('parse error: unexpected end of input'));
    else if (reply.kind === 'raw') response.writeHead(reply.status).end(reply.body);
    else if (reply.kind === 'vector') response.end(this.#body(reply.vector));
  }

  #body(vector: Vector): string {
    const at = (this.nowMs + this.aheadMs) / 1000;
    const result = vector.map(([metric, value]) => ({ metric, value: [at, value] }));
    return JSON.stringify({ status: 'success', data: { resultType: 'vector', result } });
  }
}

function errorBody(error: string): string {
  return JSON.stringify({ status: 'error', errorType: 'bad_data', error });
}
