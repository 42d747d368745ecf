/**
 * One instant query to a Prometheus server (https://prometheus.io/docs/prometheus/latest/querying/api/).
 *
 * Always true: it ends within the time limit, reads no more than the size limit, never throws,
 * and whatever is not an answer of the documented shape is a failure with a one-line reason.
 */
import { z } from 'zod';

export interface PrometheusServer {
  /** Without the `/api/v1` part. */
  readonly url: string;
  readonly timeoutMs: number;
  /** Sent as a bearer token when it is not null. Read for each query, since tokens rotate. */
  readonly bearerToken: () => Promise<string | null>;
  readonly nowMs: () => number;
}

export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export type QueryAnswer =
  | {
      readonly kind: 'series';
      readonly series: readonly Series[];
      /** The server's clock when it evaluated, and this machine's in the middle of the request. */
      readonly evaluatedAtMs: number;
      readonly answeredAtMs: number;
      readonly roundTripMs: number;
    }
  | { readonly kind: 'failed'; readonly why: string };

const BODY_BYTES_MAX = 4 * 1024 * 1024;
const SERIES_MAX = 10_000;

const sample = z.tuple([z.number(), z.string().regex(/^(?:NaN|[+-]?Inf|[+-]?[\d.]+(?:[eE][+-]?\d+)?)$/)]);
const ANSWER = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('success'),
    data: z.discriminatedUnion('resultType', [
      z.object({
        resultType: z.literal('vector'),
        result: z
          .array(z.object({ metric: z.record(z.string(), z.string()), value: sample }))
          .max(SERIES_MAX),
      }),
      z.object({ resultType: z.literal('scalar'), result: sample }),
    ]),
  }),
  z.object({ status: z.literal('error'), errorType: z.string(), error: z.string() }),
]);

export async function instantQuery(
  server: PrometheusServer,
  query: string,
  signal: AbortSignal,
): Promise<QueryAnswer> {
  const sentAtMs = server.nowMs();
  const limit = AbortSignal.timeout(server.timeoutMs);
  try {
    const token = await server.bearerToken();
    const response = await fetch(addressOf(server.url, query), {
      headers: {
        accept: 'application/json',
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      // A redirect is a login page; following it would give the token to another server.
      redirect: 'manual',
      signal: AbortSignal.any([signal, limit]),
    });
    const text = await boundedText(response);
    if (text === null) return failed(`its answer is larger than ${BODY_BYTES_MAX} bytes`);
    return answerFrom(response.status, text, { sentAtMs, receivedAtMs: server.nowMs() });
  } catch (error) {
    if (limit.aborted) return failed(`no answer within ${server.timeoutMs} ms`);
    return failed(causeOf(error));
  }
}

function addressOf(url: string, query: string): URL {
  const address = new URL(`${url.replace(/\/+$/, '')}/api/v1/query`);
  address.searchParams.set('query', query);
  return address;
}

async function boundedText(response: Response): Promise<string | null> {
  if (response.body === null) return '';
  const decoder = new TextDecoder();
  let bytes = 0;
  let text = '';
  for await (const chunk of response.body) {
    bytes += chunk.byteLength;
    if (bytes > BODY_BYTES_MAX) return null;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

interface Times {
  readonly sentAtMs: number;
  readonly receivedAtMs: number;
}

function answerFrom(status: number, text: string, { sentAtMs, receivedAtMs }: Times): QueryAnswer {
  const answer = ANSWER.safeParse(parsed(text));
  if (!answer.success) {
    return failed(
      status === 200 ? 'its answer is not one of Prometheus' : `it answered with status ${status}`,
    );
  }
  if (answer.data.status === 'error') return failed(`${answer.data.errorType}: ${answer.data.error}`);
  const { data } = answer.data;
  const samples =
    data.resultType === 'vector'
      ? data.result.map(({ metric, value }) => ({ labels: metric, value }))
      : [{ labels: {}, value: data.result }];
  const middleMs = (sentAtMs + receivedAtMs) / 2;
  return {
    kind: 'series',
    series: samples.map(({ labels, value }) => ({ labels, value: numberOf(value[1]) })),
    // All samples of an instant query carry the moment of its evaluation.
    evaluatedAtMs: samples[0] === undefined ? middleMs : samples[0].value[0] * 1000,
    answeredAtMs: middleMs,
    roundTripMs: Math.max(0, receivedAtMs - sentAtMs),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function numberOf(text: string): number {
  return Number(text.replace(/Inf$/, 'Infinity'));
}

function failed(why: string): QueryAnswer {
  return { kind: 'failed', why: why.replace(/[\p{C}\p{Z}]+/gu, ' ').slice(0, 200) };
}

/** Node says "fetch failed" and puts what happened into the cause. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message || error.message : error.message;
}
