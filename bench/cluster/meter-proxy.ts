/**
 * Between Penstock and the API server, over TLS on both sides: notes when the bytes of an
 * event went to Penstock and when a request came from it, and counts what it asks for.
 *
 * Always true: nothing is changed or held up, and no clock but this process's is used, so the
 * time from an event to the next start is that of Penstock with two passages through here.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Access } from '../../test/cluster/client/kubeconfig.ts';
import { AUTHORITY, SERVER_CERTIFICATE, SERVER_KEY } from '../../test/fakes/kubernetes/certificates.ts';

const CONNECTIONS_MAX = 256;

export interface SeenStart {
  readonly name: string;
  readonly atMs: number;
}

export class MeterProxy {
  readonly authority = AUTHORITY;
  /** `METHOD resource`, such as `PATCH pipelineruns`; a watch's method is WATCH. */
  readonly counts = new Map<string, number>();
  /** Starts that took effect, in the order of their answers. */
  readonly starts: SeenStart[] = [];
  /** What was sent to start runs, with or without effect. */
  startRequests = 0;
  /** When the event that a run has ended went on to Penstock, by name. */
  readonly endedAtMs = new Map<string, number>();
  readonly #target: URL;
  readonly #agent: Agent;
  readonly #server: Server;

  private constructor({ server, ca }: Access) {
    this.#target = new URL(server);
    this.#agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS_MAX, ...(ca === null ? {} : { ca }) });
    this.#server = createServer({ key: SERVER_KEY, cert: SERVER_CERTIFICATE }, (inbound, outbound) =>
      this.#pass(inbound, outbound),
    );
  }

  static async open(access: Access): Promise<MeterProxy> {
    const proxy = new MeterProxy(access);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#agent.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #pass(inbound: IncomingMessage, outbound: ServerResponse): void {
    const atMs = performance.now();
    const url = new URL(inbound.url ?? '/', this.#target);
    const isWatch = url.searchParams.get('watch') !== null;
    const kind = `${isWatch ? 'WATCH' : inbound.method} ${resourceOf(url.pathname)}`;
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
    const { method, headers } = inbound;
    const sent = request(url, { method, headers, agent: this.#agent }, (answer) => {
      outbound.writeHead(answer.statusCode ?? 502, answer.headers);
      if (kind === 'WATCH pipelineruns') answer.on('data', this.#endsSeen());
      if (isStart(inbound, url)) {
        const name = url.pathname.split('/').at(-1) ?? '';
        this.startRequests += 1;
        if (answer.statusCode === 200) this.starts.push({ name, atMs });
      }
      answer.pipe(outbound);
      if (isWatch) outbound.flushHeaders();
    });
    sent.on('error', () => outbound.destroy());
    outbound.on('close', () => sent.destroy());
    inbound.pipe(sent);
  }

  /** Takes the bytes of one watch, before they go on. */
  #endsSeen(): (chunk: Buffer) => void {
    let rest = '';
    return (chunk) => {
      const lines = `${rest}${chunk.toString('latin1')}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (!line.includes('"completionTime"')) continue;
        const name = /"name":"(bench-\d+)"/.exec(line)?.[1];
        if (name !== undefined && !this.endedAtMs.has(name)) this.endedAtMs.set(name, performance.now());
      }
    };
  }
}

/** Starts are JSON patches; notes are merge patches. */
function isStart({ method, headers }: IncomingMessage, { pathname }: URL): boolean {
  return (
    method === 'PATCH' &&
    headers['content-type'] === 'application/json-patch+json' &&
    pathname.includes('/pipelineruns/')
  );
}

/** The plural in `/api/v1/...` or `/apis/GROUP/VERSION/...`, with or without a namespace. */
function resourceOf(path: string): string {
  const parts = path.split('/').slice(path.startsWith('/apis/') ? 4 : 3);
  return (parts[0] === 'namespaces' && parts.length > 2 ? parts[2] : parts[0]) ?? path;
}
