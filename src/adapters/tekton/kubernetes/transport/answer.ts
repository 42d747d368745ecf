/** What the server said: bodies of bounded size, dates, and refusals with their Status. */
import type { IncomingMessage } from 'node:http';
import type { ApiStatus } from '../api.ts';
import { wordsFor } from './words.ts';

/** A refusal is for a person to read; a proxy may put a whole page there. */
const MESSAGE_LENGTH = 500;
const STATUS_BYTES_MAX = 64 * 1024;

export type Body =
  | { readonly kind: 'whole'; readonly text: string }
  | { readonly kind: 'broken'; readonly why: string };

export async function readBody(response: IncomingMessage, bytesMax: number): Promise<Body> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of response as AsyncIterable<Buffer>) {
      bytes += part.length;
      if (bytes > bytesMax) return { kind: 'broken', why: `the answer has more than ${bytesMax} bytes` };
      parts.push(part);
    }
  } catch (error) {
    return {
      kind: 'broken',
      why: `the answer broke off (${wordsFor(error)})`,
    };
  }
  return { kind: 'whole', text: Buffer.concat(parts).toString('utf8') };
}

export function serverDateMs({ headers }: IncomingMessage): number | null {
  const ms = Date.parse(headers.date ?? '');
  return Number.isNaN(ms) ? null : ms;
}

/** The code counts; what cannot be read of the rest is left out. */
export async function readStatus(response: IncomingMessage, nowMs: number): Promise<ApiStatus> {
  const body = await readBody(response, STATUS_BYTES_MAX);
  const text = body.kind === 'whole' ? body.text : '';
  const code = response.statusCode ?? 0;
  const said = statusIn(text);
  const message = said.message || text || response.statusMessage || `HTTP ${code}`;
  return {
    kind: 'api-status',
    code,
    reason: said.reason,
    message: message.replace(/\s+/g, ' ').trim().slice(0, MESSAGE_LENGTH),
    retryAfterMs: retryAfterMs(response, said.retryAfterSeconds, nowMs),
    serverDateMs: serverDateMs(response),
  };
}

interface Said {
  readonly reason: string;
  readonly message: string;
  readonly retryAfterSeconds: number | null;
}

/** Of a `Status` object: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
function statusIn(text: string): Said {
  const { reason, message, details } = objectIn(text);
  const seconds = isRecord(details) ? details.retryAfterSeconds : null;
  return {
    reason: typeof reason === 'string' ? reason : '',
    message: typeof message === 'string' ? message : '',
    retryAfterSeconds: typeof seconds === 'number' ? seconds : null,
  };
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** Seconds or a date (RFC 9110, 10.2.3). */
function retryAfterMs({ headers }: IncomingMessage, seconds: number | null, nowMs: number): number | null {
  const text = headers['retry-after'] ?? '';
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const dateMs = Date.parse(text);
  if (!Number.isNaN(dateMs)) return Math.max(0, dateMs - nowMs);
  return seconds === null ? null : seconds * 1000;
}
