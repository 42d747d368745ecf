/**
 * From one request to the runs it asks for. Ids are the name, a part that is new for each
 * request (or follows from its key, so that a repeated request means the same runs), and
 * the number of the run, padded so that ids sort in the order of the numbers.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { z } from 'zod';
import { runId } from '../core/model/run.ts';
import type { NewRun } from '../ports/engine.ts';
import type { CreateRunsSchema } from './contract.ts';

/** 30 bits: with a clash the request is refused, never mixed up with another. */
const SUFFIX_LENGTH = 6;
const SUFFIX_LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789';

export function newRunsOf(request: z.output<typeof CreateRunsSchema>): readonly NewRun[] {
  const base = `${request.name}-${suffixOf(request.key)}`;
  const width = String(request.count).length;
  return Array.from({ length: request.count }, (_, index) => ({
    id: runId(request.count === 1 ? base : `${base}-${String(index + 1).padStart(width, '0')}`),
    project: request.project,
    // Left empty, both are filled in from the configuration where new runs are checked.
    tenant: request.tenant ?? '',
    priority: request.priority ?? '',
    requests: request.requests,
    content: request.content,
    params: request.params,
    timeoutMs: request.timeoutMs,
  }));
}

function suffixOf(key: string | undefined): string {
  const bytes = key === undefined ? randomBytes(SUFFIX_LENGTH) : createHash('sha256').update(key).digest();
  return [...bytes.subarray(0, SUFFIX_LENGTH)].map((byte) => SUFFIX_LETTERS[byte % 32]).join('');
}
