/**
 * Errors as RFC 9457 problems. Whatever goes wrong, a client gets one JSON document with
 * a stable `code` and a line for a person; what Penstock did not expect becomes `internal`
 * and goes to the log with its stack, never to the client.
 */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
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
  };
}

export function sendProblem(reply: FastifyReply, error: CodedError): FastifyReply {
  // Already text, so that no response schema of the route is applied to it.
  return reply
    .code(error.status)
    .type(PROBLEM_TYPE)
    .send(JSON.stringify(problemOf(error)));
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
    return new CodedError('request-invalid', oneLine(error.message), { cause: thrown });
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
