/**
 * Commands talk to Penstock's API and to nothing else: to the `serve` of their data folder
 * when one runs, and otherwise to the same API put together in this process, without the
 * loop. So there is one code path, and a command means the same in both cases.
 *
 * Always true: in this process it is put together only while holding the data lock, so
 * that it never works beside a `serve`.
 */
import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { z } from 'zod';
import { type Problem, ProblemSchema } from '../api/contract.ts';
import { socketPathOf } from '../api/listen.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load-config.ts';
import { CodedError, ERRORS } from '../core/errors/catalogue.ts';
import type { CommonOptions, WhereOptions } from './options.ts';
import {
  type ApiRequest,
  addressTransport,
  probeSocket,
  socketTransport,
  type Transport,
} from './transport.ts';

type Headers = Readonly<Record<string, string>>;

export interface Client {
  ask<T extends z.ZodType>(schema: T, path: string): Promise<z.output<T>>;
  order<T extends z.ZodType>(schema: T, path: string, body: object, headers?: Headers): Promise<z.output<T>>;
  /** Creates or replaces what is at the path. */
  put<T extends z.ZodType>(schema: T, path: string, body: object, headers?: Headers): Promise<z.output<T>>;
  remove<T extends z.ZodType>(schema: T, path: string, headers?: Headers): Promise<z.output<T>>;
  /** No `serve` runs: it works on the data folder by itself. */
  readonly isAlone: boolean;
  close(): Promise<void>;
}

const ALONE = 'Nothing starts yet: no "penstock serve" runs on this data folder.\n';

/** How long another command, or a `serve` that is just coming up, may hold the data folder. */
const BUSY_WITHIN_MS = 10_000;
const BUSY_PACE_MS = 50;

export interface ClientNeeds {
  /** Whether a data folder that is not there yet is made (`run create`) or missed (questions). */
  readonly createsData: boolean;
  /** Whether it matters to who reads the answer that nothing starts while no `serve` runs. */
  readonly aboutStarts: boolean;
}

export const QUESTION_ABOUT_STARTS: ClientNeeds = { createsData: false, aboutStarts: true };
export const QUESTION: ClientNeeds = { createsData: false, aboutStarts: false };
export const CREATION: ClientNeeds = { createsData: true, aboutStarts: true };

/** Opens a client, lets `work` use it, and closes it whatever happens. */
export async function withClient<T>(
  options: CommonOptions,
  needs: ClientNeeds,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = await openClient(options, needs);
  try {
    const result = await work(client);
    if (client.isAlone && needs.aboutStarts && options.json !== true) process.stderr.write(ALONE);
    return result;
  } finally {
    await client.close();
  }
}

async function openClient(options: WhereOptions, needs: ClientNeeds): Promise<Client> {
  if (options.server !== undefined) {
    const { serverToken } = await import('../config/server-token.ts');
    return clientOver(addressTransport(addressOf(options.server), await serverToken(options)));
  }
  const config = await configOf(options);
  if (!needs.createsData && !existsSync(config.dataFolder)) {
    throw new CodedError(
      'file-not-found',
      `There is no data folder ${config.dataFolder} yet; "penstock serve" or "penstock run create" makes it, ` +
        'and --data names another.',
      { field: 'data' },
    );
  }
  return openLocal(config);
}

async function configOf(options: WhereOptions): Promise<Config> {
  // By itself a command has little to log; what it does is what it prints.
  const flags = { data: options.data, logLevel: options.logLevel ?? 'error' };
  return loadConfig({ file: options.config, flags });
}

async function openLocal(config: Config): Promise<Client> {
  const socketPath = socketPathOf(config.dataFolder);
  const giveUpAtMs = performance.now() + BUSY_WITHIN_MS;
  for (;;) {
    if ((await probeSocket(socketPath)) === 'listening') return clientOver(socketTransport(socketPath));
    try {
      const { openInProcess } = await import('./in-process.ts');
      const alone = await openInProcess(config);
      return clientOver(alone.transport, alone);
    } catch (error) {
      const busy = error instanceof CodedError && error.code === 'data-in-use';
      if (!busy || performance.now() >= giveUpAtMs) throw error;
    }
    await pause(BUSY_PACE_MS);
  }
}

function addressOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return url;
  throw new CodedError('usage', `--server: "${text}" is not an address such as http://127.0.0.1:7070.`, {
    field: 'server',
  });
}

function clientOver(transport: Transport, alone: { close(): Promise<void> } | null = null): Client {
  const send = async <T extends z.ZodType>(schema: T, request: ApiRequest): Promise<z.output<T>> => {
    const answer = await transport(request);
    const document = parsed(answer.body);
    if (answer.status < 200 || answer.status > 299) throw refusal(document, answer.status);
    const result = schema.safeParse(document);
    if (!result.success) throw notPenstock();
    return result.data;
  };
  return {
    ask: (schema, path) => send(schema, { method: 'GET', path, body: null }),
    order: (schema, path, body, headers = {}) =>
      send(schema, { method: 'POST', path, body: JSON.stringify(body), headers }),
    put: (schema, path, body, headers = {}) =>
      send(schema, { method: 'PUT', path, body: JSON.stringify(body), headers }),
    remove: (schema, path, headers = {}) => send(schema, { method: 'DELETE', path, body: null, headers }),
    isAlone: alone !== null,
    close: async () => alone?.close(),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw notPenstock();
  }
}

function refusal(document: unknown, status: number): CodedError {
  const result = ProblemSchema.safeParse(document);
  if (!result.success)
    return new CodedError('server-unreachable', `The server answered with status ${status}.`);
  const problem: Problem = result.data;
  const field = problem.field === undefined ? {} : { field: problem.field };
  const { retryAtMs } = problem;
  const retry =
    retryAtMs === undefined
      ? {}
      : { retry: { atMs: retryAtMs, afterMs: Math.max(0, retryAtMs - Date.now()) } };
  return problem.code in ERRORS
    ? new CodedError(problem.code, problem.detail, { ...field, ...retry })
    : notPenstock();
}

function notPenstock(): CodedError {
  return new CodedError(
    'server-unreachable',
    'What answered is not this version of Penstock; check the address, and that both are of one version.',
  );
}
