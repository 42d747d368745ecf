/**
 * A Kubernetes API server for unit tests: real HTTP on loopback, in this process, with objects,
 * resource versions, lists by page, watches, patches, and faults to order for each request.
 * What it cannot show (validation, defaults, webhooks, authorization) is for the cluster tests.
 *
 *     const server = await startFakeApiServer({ kinds: [...CORE_KINDS, ...TEKTON_KINDS] });
 *     server.store.create('pipelineruns', { metadata: { namespace: 'a', name: 'b' } });
 *     server.faults.add({ method: 'PATCH', fault: { kind: 'apply', ending: 'reset' } });
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { endConnection } from './ending.ts';
import { type Fault, FaultPlan } from './faults.ts';
import { CORE_KINDS, targetOf } from './kinds.ts';
import { type Kind, ObjectStore, Refusal } from './objects.ts';
import { Pages, type Reply, serve } from './serve.ts';
import { Watch } from './watch.ts';

export interface FakeApiServerOptions {
  readonly kinds?: readonly Kind[];
  /** Time of day: of timestamps, the Date header and the requests' own timeouts. */
  readonly nowMs?: () => number;
  /** Between bookmarks on every watch; none unless said (`server.bookmark()` sends one). */
  readonly bookmarkEveryMs?: number;
  /** Requests without it are answered 401. */
  readonly token?: () => string;
  /** Addresses of reviews: POST path -> the status of a review of this spec; nothing is stored. */
  readonly reviews?: ReadonlyMap<string, (spec: Readonly<Record<string, unknown>>) => object>;
  /** Serves HTTPS; PEM texts. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

export interface LoggedRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly isWatch: boolean;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export class FakeApiServer {
  readonly store: ObjectStore;
  readonly faults = new FaultPlan();
  /** Addresses that another server answers, as aggregated APIs are: GET path -> body. */
  readonly aggregated = new Map<string, () => unknown>();
  /** Every request that arrived whole, oldest first. */
  readonly requests: LoggedRequest[] = [];
  readonly #options: FakeApiServerOptions;
  readonly #pages = new Pages();
  readonly #watches = new Set<Watch>();
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;
  #port = 0;

  constructor(options: FakeApiServerOptions) {
    this.#options = options;
    this.store = new ObjectStore(this.#nowMs);
    this.store.create('namespaces', { metadata: { name: 'default' } });
  }

  get url(): string {
    return `${this.#options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${this.#port}`;
  }

  get openWatches(): number {
    return this.#watches.size;
  }

  get openConnections(): number {
    return this.#sockets.size;
  }

  /** On the port it had before, if it had one. */
  async start(): Promise<void> {
    const handle = (request: IncomingMessage, response: ServerResponse) =>
      void this.#handle(request, response);
    const { tls } = this.#options;
    const server = tls === undefined ? createServer(handle) : createTlsServer(tls, handle);
    server.keepAliveTimeout = 0;
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
    const { bookmarkEveryMs } = this.#options;
    if (bookmarkEveryMs === undefined) return;
    const timer = setInterval(() => this.bookmark(), bookmarkEveryMs);
    server.on('close', () => clearInterval(timer));
  }

  /** Cuts every connection; what is stored stays. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    this.#server = null;
    const closed = new Promise((resolve) => server.close(resolve));
    this.cutConnections();
    await closed;
  }

  /** A reset for everybody; the server goes on. */
  cutConnections(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Ends all watches in order, as after `timeoutSeconds`. */
  endWatches(): void {
    for (const watch of this.#watches) watch.close();
  }

  bookmark(): void {
    for (const watch of this.#watches) watch.bookmark();
  }

  /** Old versions and the rest of unfinished lists are forgotten: whoever needs them is told 410. */
  compact(): void {
    this.store.compact();
    this.#pages.forget();
  }

  /** A kubeconfig for this server, as a file's text. */
  kubeconfig(user: Readonly<Record<string, unknown>> = {}): string {
    return JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'fake',
      contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'fake' } }],
      clusters: [{ name: 'fake', cluster: { server: this.url } }],
      users: [{ name: 'fake', user }],
    });
  }

  #nowMs = (): number => (this.#options.nowMs ?? Date.now)();

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    request.setEncoding('utf8');
    try {
      for await (const chunk of request) body += chunk;
    } catch {
      return;
    }
    const { method = 'GET', url = '/', headers } = request;
    const { pathname, searchParams: query } = new URL(url, this.url);
    const isWatch = /^(true|1)$/.test(query.get('watch') ?? '');
    this.requests.push({ method, url, isWatch, headers, body });
    response.setHeader('date', new Date(this.#nowMs()).toUTCString());
    const fault = this.faults.take(method, url, isWatch);
    const arrivedAtMs = this.#nowMs();
    if (fault?.kind === 'ignore') {
      endConnection(response, fault.ending);
      return;
    }
    if (fault?.kind === 'apply-late') await fault.until;
    const isLate = fault?.kind === 'apply-late' && this.#nowMs() - arrivedAtMs > timeoutMsOf(query);
    const refused = this.#refused(fault, headers.authorization, isLate);
    if (refused !== null) this.#answer(response, statusReply(refused), null);
    else await this.#reply({ method, pathname, query, isWatch, body, headers }, response, fault);
  }

  #refused(fault: Fault | null, authorization: string | undefined, isLate: boolean): RefusedWith | null {
    if (fault?.kind === 'answer') return fault;
    const token = this.#options.token?.();
    if (token !== undefined && authorization !== `Bearer ${token}`) {
      return { code: 401, reason: 'Unauthorized' };
    }
    return isLate ? { code: 504, reason: 'Timeout' } : null;
  }

  async #reply(
    asked: Omit<LoggedRequest, 'url'> & { readonly pathname: string; readonly query: URLSearchParams },
    response: ServerResponse,
    fault: Fault | null,
  ): Promise<void> {
    const { query } = asked;
    try {
      const elsewhere = asked.method === 'GET' ? this.aggregated.get(asked.pathname) : undefined;
      if (elsewhere !== undefined) {
        this.#answer(response, { code: 200, body: elsewhere() }, fault);
        return;
      }
      const review = asked.method === 'POST' ? this.#options.reviews?.get(asked.pathname) : undefined;
      if (review !== undefined) {
        const given = JSON.parse(asked.body) as { readonly spec: Readonly<Record<string, unknown>> };
        this.#answer(response, { code: 201, body: { ...given, status: review(given.spec) } }, fault);
        return;
      }
      const target = targetOf(asked.pathname, this.#options.kinds ?? CORE_KINDS);
      if (target === null)
        throw new Refusal(404, 'NotFound', 'the server could not find the requested resource');
      if (asked.isWatch) {
        const place = { store: this.store, target, query, response, fault };
        const watch = new Watch(place, (ended) => this.#watches.delete(ended));
        this.#watches.add(watch);
        watch.begin();
        return;
      }
      const contentType = asked.headers['content-type'] ?? 'application/json';
      const asks = { method: asked.method, target, query, contentType, body: asked.body };
      const reply = serve(this.store, this.#pages, asks);
      if (fault?.kind === 'answer-late') await fault.until;
      this.#answer(response, reply, fault);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#answer(response, statusReply(error), fault);
    }
  }

  #answer(response: ServerResponse, { code, body, headers = {} }: Reply, fault: Fault | null): void {
    if (fault?.kind === 'apply') {
      endConnection(response, fault.ending);
      return;
    }
    const bytes = Buffer.from(JSON.stringify(body));
    response.writeHead(code, {
      'content-type': 'application/json',
      'content-length': bytes.length,
      ...headers,
    });
    if (fault?.kind !== 'cut') {
      response.end(bytes);
      return;
    }
    response.write(bytes.subarray(0, fault.atByte));
    endConnection(response, fault.ending);
  }
}

export async function startFakeApiServer(options: FakeApiServerOptions = {}): Promise<FakeApiServer> {
  const server = new FakeApiServer(options);
  await server.start();
  return server;
}

interface RefusedWith {
  readonly code: number;
  readonly reason?: string;
  readonly message?: string;
  readonly retryAfterSeconds?: number;
}

function statusReply(refused: RefusedWith): Reply {
  const { code, reason = '', message = '', retryAfterSeconds } = refused;
  return {
    code,
    body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code },
    headers: retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) },
  };
}

/** `5s` or `1500ms`, as this folder's client writes it; a minute where the client says nothing. */
function timeoutMsOf(query: URLSearchParams): number {
  const [, number, unit] = /^(\d+)(ms|s)$/.exec(query.get('timeout') ?? '60s') ?? [];
  return Number(number) * (unit === 's' ? 1000 : 1);
}
