/**
 * One watch of a fake API server: history after a version, then what happens, as lines, with
 * bookmarks, and with whatever was ordered to go wrong.
 */
import type { ServerResponse } from 'node:http';
import { endConnection } from './ending.ts';
import type { Fault } from './faults.ts';
import { apiVersionOf, type Target } from './kinds.ts';
import type { Change, FakeObject, ObjectStore } from './objects.ts';
import { type Matches, selectorOf } from './selectors.ts';

export interface WatchPlace {
  readonly store: ObjectStore;
  readonly target: Target;
  readonly query: URLSearchParams;
  readonly response: ServerResponse;
  readonly fault: Fault | null;
}

export class Watch {
  readonly #place: WatchPlace;
  readonly #matches: Matches;
  readonly #end: () => void;
  #lines = 0;
  #held: string | null = null;
  #isOver = false;

  constructor(place: WatchPlace, onEnd: (watch: Watch) => void) {
    const { store, target, query, response } = place;
    this.#place = place;
    this.#matches = selectorOf(query, target.namespace);
    const unsubscribe = store.subscribe((change) => {
      if (change.plural === target.kind.plural) this.#tell(change);
    });
    const seconds = Number(query.get('timeoutSeconds') ?? 300);
    const timer = setTimeout(() => this.close(), seconds * 1000);
    this.#end = () => {
      if (this.#isOver) return;
      this.#isOver = true;
      clearTimeout(timer);
      unsubscribe();
      onEnd(this);
    };
    response.on('close', this.#end);
    response.writeHead(200, { 'content-type': 'application/json', 'transfer-encoding': 'chunked' });
    response.flushHeaders();
    this.#begin();
  }

  /** In order, as when `timeoutSeconds` have passed. */
  close(): void {
    this.#end();
    this.#place.response.end();
  }

  /** Only where the client asked for them. */
  bookmark(): void {
    const { query, store, target } = this.#place;
    if (query.get('allowWatchBookmarks') !== 'true') return;
    this.#send('BOOKMARK', {
      kind: target.kind.kind,
      apiVersion: apiVersionOf(target.kind),
      metadata: { resourceVersion: String(store.version) },
    });
  }

  #begin(): void {
    const { query, store, target } = this.#place;
    const from = Number(query.get('resourceVersion') ?? '0');
    if (from > 0 && from < store.compactedTo) {
      this.#error(410, 'Expired', `too old resource version: ${from} (${store.compactedTo})`);
      return;
    }
    if (from > 0) {
      for (const change of store.since(target.kind.plural, from)) this.#tell(change);
      return;
    }
    for (const object of store.list(target.kind.plural)) {
      if (this.#matches(object)) this.#send('ADDED', object);
    }
  }

  /** An object that a selector no longer takes in is DELETED for this watch, and the reverse. */
  #tell({ before, after, last }: Change): void {
    const wasIn = before !== null && this.#matches(before);
    const isIn = after !== null && this.#matches(after);
    if (last !== null && this.#matches(last)) this.#send('DELETED', last);
    else if (wasIn && !isIn && after !== null) this.#send('DELETED', after);
    else if (isIn) this.#send(wasIn ? 'MODIFIED' : 'ADDED', after);
  }

  #error(code: number, reason: string, message: string): void {
    this.#send('ERROR', {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      reason,
      code,
    });
    this.close();
  }

  #send(type: string, object: FakeObject | Record<string, unknown>): void {
    if (this.#isOver) return;
    const line = `${JSON.stringify({ type, object })}\n`;
    const { fault, response } = this.#place;
    if (fault?.kind === 'watch' && this.#lines === fault.afterLines) {
      this.#lines += 1;
      this.#break(fault.ending, line);
      return;
    }
    this.#lines += 1;
    if (fault?.kind !== 'watch-order') response.write(line);
    else if (fault.order === 'repeated') response.write(line + line);
    else if (this.#held === null) this.#held = line;
    else {
      response.write(line + this.#held);
      this.#held = null;
    }
  }

  #break(how: (Fault & { readonly kind: 'watch' })['ending'], line: string): void {
    const { response } = this.#place;
    const half = line.slice(0, Math.floor(line.length / 2));
    switch (how) {
      case 'error-410':
        this.#error(410, 'Expired', 'The resourceVersion for the provided watch is too old.');
        return;
      case 'error-500':
        this.#error(500, 'InternalError', 'etcd event received with PrevKv=nil');
        return;
      case 'broken-line':
        response.write(`${half}${line.slice(half.length + 3)}`);
        return;
      case 'half-line-close':
      case 'half-line-hang':
        response.write(half);
        this.#end();
        endConnection(response, how === 'half-line-close' ? 'reset' : 'hang');
        return;
      default:
        this.#end();
        endConnection(response, how);
    }
  }
}
