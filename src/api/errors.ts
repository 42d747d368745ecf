/**
 * Errors as RFC 9457 problems. Whatever goes wrong, a client gets one JSON document with
 * a stable `code` and a line for a person; what Penstock did not expect becomes `internal`
 * and goes to the log with its stack, never to the client.
 */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { ConnectionError, FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { CodedError, ERRORS, type ErrorCode } from '../core/errors/catalogue.ts';
import type { Log } from '../ports/log.ts';
import type { Problem } from './contract.ts';

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

export function problemOf(error: CodedError): Problem {
  return {
    type: `urn:penstock:error:${error.code}`,
    title: ERRORS[error.code].title,
    status: error.status,
    detail: error.message,
    code: error.code,
    ...(error.field === null ? {} : { field: error.field }),
    ...(error.retry === null ? {} : { retryAtMs: error.retry.atMs }),
  };
}

export function sendProblem(reply: FastifyReply, error: CodedError): FastifyReply {
  if (error.retry !== null) reply.header('retry-after', String(Math.ceil(error.retry.afterMs / 1000)));
  // Already text, so that no response schema of the route is applied to it.
  return reply
    .code(error.status)
    .type(PROBLEM_TYPE)
    .send(JSON.stringify(problemOf(error)));
}

/** What the framework refuses by itself, where the status says more than that it is not valid. */
const CODE_OF_STATUS: ReadonlyMap<number, ErrorCode> = new Map([
  [413, 'request-too-large'],
  [415, 'media-type-unsupported'],
]);

/** For what is not even a request: headers without end, or no HTTP at all. The connection is closed. */
export function refuseBrokenRequest(error: ConnectionError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const refused =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? new CodedError('headers-too-large', 'The headers of a request may have 16 KiB together.')
      : new CodedError('request-invalid', 'What came is not an HTTP request, or came too slowly.');
  const body = JSON.stringify(problemOf(refused));
  const head = [
    `HTTP/1.1 ${refused.status} ${STATUS_CODES[refused.status]}`,
    `content-type: ${PROBLEM_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** Anything thrown while a request was handled, as an error of the catalogue. */
export function codedErrorOf(thrown: unknown): CodedError {
  if (thrown instanceof CodedError) return thrown;
  const error = thrown as Partial<FastifyError> & { readonly name?: string };
  if (Array.isArray(error.validation)) return validationError(error as FastifyError);
  if (error.name === 'TimeoutError' || error.name === 'AbortError') {
    return new CodedError('not-ready', 'The answer took too long; ask again in a moment.', { cause: thrown });
  }
  const status = error.statusCode ?? 500;
  if (status >= 400 && status < 500 && typeof error.message === 'string') {
    return new CodedError(CODE_OF_STATUS.get(status) ?? 'request-invalid', oneLine(error.message), {
      cause: thrown,
    });
  }
  return new CodedError('internal', 'Something unexpected happened; the log of the server says what.', {
    cause: thrown,
  });
}

export function errorHandler(log: Log, count: (code: ErrorCode) => void) {
  return (thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const error = codedErrorOf(thrown);
    count(error.code);
    if (error.code === 'internal') {
      log.error({ err: thrown, method: request.method, url: request.url }, 'request failed unexpectedly');
    }
    return sendProblem(reply, error);
  };
}

function validationError(error: FastifyError): CodedError {
  const issue = error.validation?.[0];
  const path = (issue?.instancePath ?? '').split('/').filter(Boolean);
  const unknownKey = issue?.keyword === 'unrecognized_keys' ? firstKey(issue.params) : null;
  if (unknownKey !== null) {
    const field = [...path, unknownKey].join('.');
    return new CodedError('request-invalid', `${field}: there is no such field; see /openapi.json.`, {
      field,
    });
  }
  const field = path.join('.') || (error.validationContext ?? 'request');
  return new CodedError('request-invalid', `${field}: ${oneLine(issue?.message ?? 'not valid')}`, { field });
}

function firstKey({ keys }: Readonly<Record<string, unknown>>): string | null {
  return Array.isArray(keys) && typeof keys[0] === 'string' ? keys[0] : null;
}

export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
