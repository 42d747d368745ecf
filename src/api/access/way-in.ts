/**
 * The two ways in and who may come: the socket is for the owner of the data folder; over TCP
 * whoever has a token, or, where there are none, anybody on this machine with questions only.
 *
 * Always true: before a handler runs, `request.caller` says who asks; without a caller
 * nothing is answered but whether the process lives, and what the API is.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { CodedError } from '../../core/errors/catalogue.ts';
import { type Access, type Caller, onlooker, STRANGER, unlimitedCaller } from '../../ports/access.ts';
import { addressKey, RateLimits } from './rate-limits.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks. */
    caller: Caller;
    /** Who asks, found out anew, for answers that go on; null when his token is nobody's any more. */
    callerNow: () => Promise<Caller | null>;
  }
}

export type WayIn =
  /** `name` is that of the user whose socket it is. */
  | { readonly kind: 'socket'; readonly name: string }
  | {
      readonly kind: 'tcp';
      /** Who has tokens now; null where nobody ever had one. */
      readonly access: () => Access | null;
      /** Of each caller, and of each address without one. */
      readonly requestsPerSecond: number;
      readonly nowMs: () => number;
    };

/** Answered to everybody: they say nothing about anybody's runs. */
const FOR_EVERYBODY: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/openapi.json']);
const LOCAL_HOSTS: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);
/** Of an Authorization header; longer ones are no token of anybody's. */
const TOKEN_LENGTH_MAX = 16_384;
const ASK_WITHIN_MS = 10_000;

export function guard(app: FastifyInstance, wayIn: WayIn): void {
  app.decorateRequest('caller');
  app.decorateRequest('callerNow');
  app.addHook('onRequest', wayIn.kind === 'socket' ? atSocket(wayIn.name) : overTcp(wayIn));
}

const ONLOOKER = onlooker('anybody on this machine');

type Tcp = Extract<WayIn, { readonly kind: 'tcp' }>;
/** Takes one request from the budget of a key. @throws CodedError `rate-limited` */
type Take = (key: string) => void;
type Hook = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

function atSocket(name: string): Hook {
  const owner = unlimitedCaller(name);
  return async (request) => {
    request.caller = owner;
    request.callerNow = async () => owner;
  };
}

function overTcp(wayIn: Tcp): Hook {
  const limits = new RateLimits(wayIn.requestsPerSecond, wayIn.nowMs);
  const take: Take = (key) => {
    const waitMs = limits.take(key);
    if (waitMs > 0) throw tooMany(waitMs, wayIn.nowMs());
  };
  return async (request, reply) => {
    const access = wayIn.access();
    request.caller = STRANGER;
    request.callerNow = () => callerOf(request, wayIn.access());
    if (access === null) return letLook(request, take);
    if (FOR_EVERYBODY.has(request.routeOptions.url ?? '')) return;
    return letIn(request, reply, { access, take });
  };
}

/** Null: nobody any more. */
async function callerOf(request: FastifyRequest, access: Access | null): Promise<Caller | null> {
  if (access === null) return ONLOOKER;
  const token = tokenOf(request);
  return token === null ? null : access.callerOf(token, AbortSignal.timeout(ASK_WITHIN_MS));
}

function letLook(request: FastifyRequest, take: Take): void {
  take(addressKey(request.ip));
  onlyLocalQuestions(request);
  request.caller = ONLOOKER;
}

async function letIn(
  request: FastifyRequest,
  reply: FastifyReply,
  { access, take }: { readonly access: Access; readonly take: Take },
): Promise<void> {
  const token = tokenOf(request);
  // Asking a cluster about made-up tokens is what an address must not do without end.
  if (token === null || access.isCostly(token)) take(addressKey(request.ip));
  const caller = await callerOf(request, access);
  if (caller === null) {
    if (token !== null && !access.isCostly(token)) take(addressKey(request.ip));
    reply.header(
      'www-authenticate',
      `Bearer realm="penstock"${token === null ? '' : ', error="invalid_token"'}`,
    );
    throw unauthenticated(token === null);
  }
  take(`caller ${caller.name}`);
  request.caller = caller;
}

function tokenOf(request: FastifyRequest): string | null {
  const [, token] = /^Bearer +([^\s]+) *$/i.exec(request.headers.authorization ?? '') ?? [];
  return token === undefined || token.length > TOKEN_LENGTH_MAX ? null : token;
}

function unauthenticated(isMissing: boolean): CodedError {
  return new CodedError(
    'unauthenticated',
    isMissing
      ? 'Authorization: a token is needed here, sent as "Authorization: Bearer TOKEN".'
      : "Authorization: this token is nobody's, or not any more.",
    { field: 'Authorization' },
  );
}

function tooMany(waitMs: number, nowMs: number): CodedError {
  const afterMs = Math.ceil(waitMs);
  return new CodedError(
    'rate-limited',
    'Too many requests: ask less often, and again in a moment (access.requestsPerSecond).',
    { retry: { afterMs, atMs: nowMs + afterMs } },
  );
}

/**
 * A web page in a browser of this machine may reach a loopback port under a name of its
 * own (DNS rebinding); the Host header gives it away.
 */
function onlyLocalQuestions(request: FastifyRequest): void {
  const host = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
  if (!LOCAL_HOSTS.has(host)) {
    throw new CodedError(
      'host-refused',
      'Host: this listener answers to localhost, 127.0.0.1 and [::1] only.',
      { field: 'Host' },
    );
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    throw new CodedError(
      'read-only',
      `${request.method}: over TCP Penstock only answers questions as long as it has no tokens, since creating a run is running a script; ` +
        'use the penstock command on its machine, the socket penstock.sock in its data folder, or create a token ("penstock token create").',
    );
  }
}
