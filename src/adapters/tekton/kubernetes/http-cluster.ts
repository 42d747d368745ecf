/**
 * A cluster by HTTP/1.1 over kept connections. Why not HTTP/2, and why no client library: ADR 20.
 *
 * Always true: requests under way, requests waiting and bodies are bounded; watches have
 * connections of their own, so that they never keep a request waiting.
 */
import type { Access, Credentials } from './access/access.ts';
import type {
  ApiOutcome,
  ApiRequest,
  ApiStatus,
  Cluster,
  Method,
  StreamOutcome,
  StreamRequest,
} from './api.ts';
import type { Time } from './time.ts';
import { readBody, readStatus, serverDateMs } from './transport/answer.ts';
import { Connections } from './transport/connections.ts';
import { type Answered, type Exchanged, exchange } from './transport/exchange.ts';
import { Limit } from './transport/limit.ts';
import { Slots } from './transport/slots.ts';
import { wordsFor } from './transport/words.ts';

/** 64 connections were the fastest for small patches on a real API server. */
const REQUESTS_MAX = 64;
const WAITING_MAX = 10_000;
/** Watches and lists; each reflection has one or two. */
const STREAMS_MAX = 64;
/** etcd takes objects of 1.5 MB; as JSON they may be some times that. */
const BODY_BYTES_MAX = 16 * 1024 * 1024;

interface Message {
  readonly connections: Connections;
  readonly method: Method;
  readonly pathAt: (leftMs: number) => string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | null;
}

export class HttpCluster implements Cluster {
  readonly server: string;
  readonly namespace: string;
  readonly #access: Access;
  readonly #time: Time;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #forRequests: Connections;
  readonly #forStreams: Connections;
  readonly #slots = new Slots(REQUESTS_MAX, WAITING_MAX);
  readonly #closing = new AbortController();

  constructor(access: Access, userAgent: string, time: Time) {
    this.server = access.server.href.replace(/\/$/, '');
    this.namespace = access.namespace;
    this.#access = access;
    this.#time = time;
    this.#headers = { 'user-agent': userAgent, accept: 'application/json' };
    this.#forRequests = new Connections(access.server, REQUESTS_MAX);
    this.#forStreams = new Connections(access.server, STREAMS_MAX);
  }

  async request(asked: ApiRequest): Promise<ApiOutcome> {
    const limit = new Limit(this.#time, asked.timeoutMs, [asked.signal, this.#closing.signal]);
    const turn = await this.#slots.take(limit);
    try {
      if (turn !== 'taken') {
        return {
          kind: 'unsent',
          why: turn === 'given-up' ? limit.why() : `${WAITING_MAX} requests wait already`,
        };
      }
      return await this.#answerTo(asked, limit);
    } finally {
      limit.release();
      if (turn === 'taken') this.#slots.release();
    }
  }

  async stream({ path, query = {}, signal, timeoutMs }: StreamRequest): Promise<StreamOutcome> {
    const limit = new Limit(this.#time, timeoutMs, [signal, this.#closing.signal]);
    const target = this.#pathOf(path, query);
    const message = {
      connections: this.#forStreams,
      method: 'GET',
      pathAt: () => target,
      headers: {},
      body: null,
    } as const;
    try {
      const exchanged = await this.#signedIn(message, limit);
      if (exchanged.kind !== 'answered') return outcomeOf(exchanged);
      if (!isSuccess(exchanged)) return await this.#statusOf(exchanged, limit);
      const { response } = exchanged;
      return {
        kind: 'streaming',
        chunks: this.#chunks(exchanged, signal),
        serverDateMs: serverDateMs(response),
      };
    } finally {
      limit.release();
    }
  }

  close(): Promise<void> {
    this.#closing.abort();
    this.#forRequests.close();
    this.#forStreams.close();
    return Promise.resolve();
  }

  async #answerTo(asked: ApiRequest, limit: Limit): Promise<ApiOutcome> {
    const { method, path, query = {}, body, contentType = 'application/json' } = asked;
    const bytes = body === undefined ? null : Buffer.from(JSON.stringify(body));
    const bodyHeaders = { 'content-type': contentType, 'content-length': String(bytes?.length ?? 0) };
    const exchanged = await this.#signedIn(
      {
        connections: this.#forRequests,
        method,
        pathAt: (leftMs) => this.#pathOf(path, { ...query, timeout: `${Math.floor(leftMs)}ms` }),
        headers: bytes === null ? {} : bodyHeaders,
        body: bytes,
      },
      limit,
    );
    if (exchanged.kind !== 'answered') return outcomeOf(exchanged);
    if (!isSuccess(exchanged)) return this.#statusOf(exchanged, limit);
    const { response } = exchanged;
    const answer = await heeding(limit, exchanged, () => readBody(response, BODY_BYTES_MAX));
    if (answer.kind === 'broken') return { kind: 'unanswered', why: answer.why };
    const json = parsed(answer.text);
    if (json === undefined) return { kind: 'unanswered', why: 'the answer is not JSON' };
    const status = response.statusCode ?? 0;
    return { kind: 'ok', status, body: json, serverDateMs: serverDateMs(response) };
  }

  /** Once more with new credentials where the server refuses the old ones: it did nothing then. */
  async #signedIn(message: Message, limit: Limit): Promise<Exchanged> {
    const first = await this.#send(message, limit, false);
    if (first.kind !== 'answered' || first.response.statusCode !== 401) return first;
    first.reset();
    return this.#send(message, limit, true);
  }

  async #send(message: Message, limit: Limit, renew: boolean): Promise<Exchanged> {
    let credentials: Credentials;
    try {
      credentials = await untilGivenUp(this.#access.credentials(renew), limit);
    } catch (error) {
      return { kind: 'unsent', why: `no credentials: ${wordsFor(error)}`, isStale: false };
    }
    message.connections.useTls(credentials.tls);
    const sending = {
      ...message,
      headers: { ...this.#headers, ...message.headers, ...credentials.headers },
      limit,
    };
    const exchanged = await exchange(sending);
    if (exchanged.kind === 'answered' || !exchanged.isStale) return exchanged;
    // Again is harmless where nothing was written, and for a question.
    return exchanged.kind === 'unsent' || message.method === 'GET' ? exchange(sending) : exchanged;
  }

  #statusOf(answered: Answered, limit: Limit): Promise<ApiStatus> {
    return heeding(limit, answered, () => readStatus(answered.response, this.#time.wallMs()));
  }

  async *#chunks({ response, reset }: Answered, signal: AbortSignal): AsyncGenerator<Buffer> {
    const signals = [signal, this.#closing.signal];
    const isOver = () => signals.some(({ aborted }) => aborted);
    if (isOver()) reset();
    for (const each of signals) each.addEventListener('abort', reset);
    try {
      for await (const chunk of response as AsyncIterable<Buffer>) yield chunk;
      if (isOver()) throw new Error('given up');
    } finally {
      for (const each of signals) each.removeEventListener('abort', reset);
    }
  }

  #pathOf(path: string, query: Readonly<Record<string, string>>): string {
    const base = this.#access.server.pathname.replace(/\/$/, '');
    const text = new URLSearchParams(query).toString();
    return text === '' ? `${base}${path}` : `${base}${path}?${text}`;
  }
}

function isSuccess({ response: { statusCode = 0 } }: Answered): boolean {
  return statusCode >= 200 && statusCode < 300;
}

function outcomeOf(
  failed: Exclude<Exchanged, Answered>,
): Extract<ApiOutcome, { kind: 'unanswered' | 'unsent' }> {
  return { kind: failed.kind, why: failed.why };
}

/** Reads on only until the limit: then the connection is ended, and the reader sees that. */
async function heeding<T>(limit: Limit, { reset }: Answered, read: () => Promise<T>): Promise<T> {
  if (limit.signal.aborted) reset();
  else limit.signal.addEventListener('abort', reset);
  try {
    return await read();
  } finally {
    limit.signal.removeEventListener('abort', reset);
  }
}

function untilGivenUp<T>(promise: Promise<T>, limit: Limit): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new Error(limit.why()));
    if (limit.signal.aborted) giveUp();
    limit.signal.addEventListener('abort', giveUp);
    void promise.then(resolve, reject).finally(() => limit.signal.removeEventListener('abort', giveUp));
  });
}

/** Null for an empty body, undefined for one that is no JSON. */
function parsed(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
