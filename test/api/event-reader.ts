/** A client of `/v1/events` over a real connection, as a browser's EventSource reads it. */
import { request } from 'node:http';

export interface Told {
  readonly id: string;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

export interface EventReader {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  /** All text so far. */
  text(): string;
  /** All events so far. */
  told(): readonly Told[];
  /** The `id` of the last block that had one, also of one without an event. */
  lastId(): string;
  /** Resolves with the first event that fits, of those that came or will. */
  first(fits: (told: Told) => boolean): Promise<Told>;
  /** Takes nothing until the next `go`. */
  pause(): void;
  go(): void;
  /** Resolves when the server ends it. */
  readonly ended: Promise<void>;
  cut(): void;
}

export function readEvents(
  address: string,
  options: { readonly lastEventId?: string; readonly token?: string; readonly paused?: boolean } = {},
): Promise<EventReader> {
  const { lastEventId, token, paused = false } = options;
  const headers = {
    accept: 'text/event-stream',
    ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
  return new Promise((resolve, reject) => {
    const outgoing = request(new URL('/v1/events', address), { headers, agent: false });
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      let text = '';
      let waiting: (() => void)[] = [];
      const wake = (): void => {
        for (const one of waiting.splice(0)) one();
      };
      const ended = new Promise<void>((done) => incoming.once('close', done)).then(wake);
      incoming.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        wake();
      });
      incoming.on('error', () => {});
      if (paused) incoming.pause();
      const told = (): readonly Told[] =>
        blocksOf(text).flatMap(({ id, event, data }) =>
          event === '' ? [] : [{ id, event, data: JSON.parse(data) as Told['data'] }],
        );
      const first = async (fits: (one: Told) => boolean): Promise<Told> => {
        for (;;) {
          const found = told().find(fits);
          if (found !== undefined) return found;
          if (incoming.closed) throw new Error(`the stream ended before it came:\n${text}`);
          await new Promise<void>((again) => {
            waiting = [...waiting, again];
          });
        }
      };
      resolve({
        status: incoming.statusCode ?? 0,
        headers: incoming.headers,
        text: () => text,
        told,
        lastId: () => blocksOf(text).findLast(({ id }) => id !== '')?.id ?? '',
        first,
        pause: () => incoming.pause(),
        go: () => incoming.resume(),
        ended,
        cut: () => outgoing.destroy(),
      });
    });
    outgoing.end();
  });
}

function blocksOf(text: string) {
  const whole = text.slice(0, text.lastIndexOf('\n\n') + 1);
  return whole.split('\n\n').map((block) => {
    const field = (name: string): string =>
      block
        .split('\n')
        .find((line) => line.startsWith(`${name}: `))
        ?.slice(name.length + 2) ?? '';
    return { id: field('id'), event: field('event'), data: field('data') };
  });
}
