/**
 * What every route shares: its type, the problem that any of them may answer with, and
 * the signal that ends work nobody will wait for any longer.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Penstock } from '../../app/views.ts';
import { ProblemSchema } from '../contract.ts';

export type Routes = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** Penstock as whoever sent the request may use it. */
export type PenstockOf = (request: Pick<FastifyRequest, 'caller'>) => Penstock;

export const PROBLEMS = {
  '4xx': {
    description: 'The request was refused; `code` says why',
    content: { 'application/problem+json': { schema: ProblemSchema } },
  },
  '5xx': {
    description: 'Penstock could not answer; `code` says why',
    content: { 'application/problem+json': { schema: ProblemSchema } },
  },
} as const;

/** Longer than the longest forecast within the limits, shorter than a client's patience. */
const ANSWER_WITHIN_MS = 60_000;

export function answerSignal(): AbortSignal {
  return AbortSignal.timeout(ANSWER_WITHIN_MS);
}

/** The arrays of the views are readonly, those of the schemas are not; nothing is changed either way. */
export type Writable<T> = T extends string | number | boolean | null | undefined
  ? T extends string & { readonly brand: string }
    ? string
    : T
  : { -readonly [K in keyof T]: Writable<T[K]> };

export function plain<T>(view: T): Writable<T> {
  return view as Writable<T>;
}
