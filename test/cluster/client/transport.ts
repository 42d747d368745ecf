/**
 * HTTP to an API server over kept connections, with TLS unless its address says otherwise. Written for tests on Node's own client: what
 * they find out about Penstock must not depend on the client that Penstock itself uses.
 */
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Access } from './kubeconfig.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** Parsed when the server said it is JSON, else the text. */
  readonly body: unknown;
}

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

const TIMEOUT_MS = 60_000;
const CONNECTIONS_MAX = 64;

export class Transport {
  readonly #base: URL;
  readonly #protocol: typeof http | typeof https;
  readonly #agent: http.Agent;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(access: Access) {
    const { credentials } = access;
    this.#base = new URL(access.server);
    this.#headers = credentials.kind === 'token' ? { authorization: `Bearer ${credentials.token}` } : {};
    this.#protocol = this.#base.protocol === 'http:' ? http : https;
    this.#agent = new this.#protocol.Agent({
      keepAlive: true,
      maxSockets: CONNECTIONS_MAX,
      ...(access.ca === null ? {} : { ca: access.ca }),
      ...(credentials.kind === 'certificate' ? { cert: credentials.cert, key: credentials.key } : {}),
    });
  }

  /** The answer, whatever its status. Rejects when there is none. */
  async call(call: Call): Promise<Answer> {
    const response = await this.open(call);
    let text = '';
    response.setEncoding('utf8');
    for await (const chunk of response) text += chunk;
    const isJson = /\bjson\b/.test(response.headers['content-type'] ?? '');
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      body: isJson && text !== '' ? (JSON.parse(text) as unknown) : text,
    };
  }

  /** The response once its head is there; its body is still to be read. */
  open(call: Call): Promise<IncomingMessage> {
    const payload = call.body === undefined ? null : JSON.stringify(call.body);
    return new Promise((resolve, reject) => {
      const sent = this.#protocol.request(
        new URL(call.path, this.#base),
        {
          method: call.method,
          agent: this.#agent,
          timeout: call.timeoutMs ?? TIMEOUT_MS,
          ...(call.signal === undefined ? {} : { signal: call.signal }),
          headers: {
            accept: 'application/json',
            ...this.#headers,
            ...(payload === null
              ? {}
              : {
                  'content-type': call.contentType ?? 'application/json',
                  'content-length': Buffer.byteLength(payload),
                }),
          },
        },
        resolve,
      );
      sent.on('timeout', () => sent.destroy(new Error(`no answer to ${call.method} ${call.path}`)));
      sent.on('error', reject);
      sent.end(payload ?? undefined);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
