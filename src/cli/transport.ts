/**
 * How a request gets to the API: through the socket of a running `serve`, to an address,
 * or straight into the routes of a server in this very process. The commands do not know
 * the difference.
 */
import { request as httpRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import type { Api } from '../api/server.ts';
import { CodedError } from '../core/errors/catalogue.ts';

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ApiAnswer {
  readonly status: number;
  readonly body: string;
}

export type Transport = (request: ApiRequest) => Promise<ApiAnswer>;

/** Longer than the server gives itself. */
const ANSWER_WITHIN_MS = 90_000;
/** A queue of 100,000 runs is some 60 MB. */
const ANSWER_BYTES_MAX = 256 * 1024 * 1024;

export function socketTransport(socketPath: string): Transport {
  return (request) => overHttp(request, { socketPath, path: request.path }, `the socket ${socketPath}`);
}

export function addressTransport(address: URL, token: string | null): Transport {
  const base = address.href.replace(/\/$/, '');
  const headers = token === null ? {} : { authorization: `Bearer ${token}` };
  return (request) => overHttp(request, new URL(base + request.path), base, headers);
}

export function inProcessTransport(app: Api): Transport {
  return async (request) => {
    const { method, path, body } = request;
    const headers = headersOf(request);
    const answer = await app.inject({ method, url: path, headers, ...(body === null ? {} : { body }) });
    return { status: answer.statusCode, body: answer.body };
  };
}

function headersOf({ body, headers = {} }: ApiRequest): Readonly<Record<string, string>> {
  return body === null ? headers : { 'content-type': 'application/json', ...headers };
}

function overHttp(
  request: ApiRequest,
  target: RequestOptions | URL,
  name: string,
  more: Readonly<Record<string, string>> = {},
): Promise<ApiAnswer> {
  const secure = target instanceof URL && target.protocol === 'https:';
  const options = {
    method: request.method,
    headers: { accept: 'application/json', connection: 'close', ...more, ...headersOf(request) },
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  };
  const open = secure ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const unreachable = (error: Error): void =>
      reject(
        new CodedError('server-unreachable', `No answer from ${name}: ${error.message}.`, { cause: error }),
      );
    const outgoing = target instanceof URL ? open(target, options) : open({ ...target, ...options });
    outgoing.on('error', unreachable);
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      incoming.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > ANSWER_BYTES_MAX) incoming.destroy(new Error('the answer is too long'));
        else chunks.push(chunk);
      });
      incoming.on('error', unreachable);
      incoming.on('end', () =>
        resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
      );
    });
    outgoing.end(request.body ?? undefined);
  });
}

/** Whether somebody listens there: `absent` when there is no socket or its server is dead. */
export function probeSocket(socketPath: string): Promise<'listening' | 'absent'> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    socket.once('connect', () => {
      socket.destroy();
      resolve('listening');
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED' || error.code === 'ENOTDIR') {
        resolve('absent');
      } else {
        reject(
          new CodedError(
            'server-unreachable',
            `The socket ${socketPath} cannot be opened: ${error.message}.`,
            {
              cause: error,
            },
          ),
        );
      }
    });
  });
}
