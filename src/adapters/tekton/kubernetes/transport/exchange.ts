/**
 * One HTTP request up to the headers of its answer, with the one thing that HTTP clients do not
 * tell: whether it may have reached the server.
 *
 * Always true: nothing is written before there is a connection, and `written` is set before the
 * first byte is. What ends before that is `unsent`; everything after that is `unanswered`.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Method, Unanswered, Unsent } from '../api.ts';
import type { Connections } from './connections.ts';
import type { Limit } from './limit.ts';
import { wordsFor } from './words.ts';

export interface Sending {
  readonly connections: Connections;
  readonly method: Method;
  /** Asked for when the request is written: a deadline in it is then what is really left. */
  readonly pathAt: (leftMs: number) => string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | null;
  /** Of the whole exchange; after the answer's headers the reader of the body has to heed it. */
  readonly limit: Limit;
}

export interface Answered {
  readonly kind: 'answered';
  readonly response: IncomingMessage;
  /** Ends the connection at once. */
  readonly reset: () => void;
}

/** `isStale`: the server had closed the kept connection by the time it was used. */
export type Exchanged = Answered | ((Unanswered | Unsent) & { readonly isStale: boolean });

export function exchange(sending: Sending): Promise<Exchanged> {
  const { connections, method, pathAt, headers, body, limit } = sending;
  return new Promise((resolve) => {
    let written = false;
    let socket: Socket | null = null;
    // Node's own flag misses connections that a waiting request takes over.
    let isKept = false;
    const request = connections.open(method, headers);

    const fail = (why: string) => {
      limit.signal.removeEventListener('abort', giveUp);
      resolve({ kind: written ? 'unanswered' : 'unsent', why, isStale: isKept && !limit.signal.aborted });
    };
    const giveUp = () => {
      fail(limit.why());
      // Destroying the request would end its connection in good order, what is under way delivered.
      if (socket === null) request.destroy();
      else connections.reset(socket);
    };
    const write = () => {
      const leftMs = limit.leftMs();
      if (limit.signal.aborted || leftMs < 1) return giveUp();
      request.path = checkedPath(pathAt(leftMs));
      written = true;
      request.end(body ?? undefined);
    };
    request.on('error', (error) => fail(wordsFor(error)));
    request.on('close', () => fail('the connection was closed'));
    request.on('socket', (taken) => {
      socket = taken;
      isKept = connections.isReady(taken);
      connections.whenReady(taken, write);
    });
    request.on('response', (response) => {
      limit.signal.removeEventListener('abort', giveUp);
      const { socket: answeredOn } = response;
      resolve({ kind: 'answered', response, reset: () => connections.reset(answeredOn) });
    });
    if (limit.signal.aborted) giveUp();
    else limit.signal.addEventListener('abort', giveUp);
  });
}

/** HTTP allows printable ASCII only; parts of a path are encoded by whoever makes it. */
function checkedPath(path: string): string {
  if (/^\/[\x21-\x7e]*$/.test(path)) return path;
  throw new Error(`not a path that can be asked for: ${JSON.stringify(path)}`);
}
