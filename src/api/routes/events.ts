/** Streams of events: what changes, as it changes. */
import { Readable } from 'node:stream';
import type { ChangeFeed } from '../../app/changes/change-feed.ts';
import { EventHeaders, EventSchema } from '../contract/events.ts';
import { eventStream } from '../events/stream.ts';
import { PROBLEMS, type Routes } from './responses.ts';

const HEARTBEAT_MS = 15_000;
/** Of one stream, in bytes; with what the connection takes, all that a slow reader can hold up. */
const BUFFER_BYTES = 64 * 1024;

export interface EventRouteParts {
  readonly changes: ChangeFeed;
  /** How often something is sent where nothing changes; absent: as people are told. */
  readonly heartbeatMs?: number;
}

export function eventRoutes(routes: Routes, { changes, heartbeatMs = HEARTBEAT_MS }: EventRouteParts): void {
  const closing = new AbortController();
  routes.addHook('preClose', async () => closing.abort());
  routes.get(
    '/v1/events',
    {
      exposeHeadRoute: false,
      schema: {
        operationId: 'followEvents',
        summary: 'Server-sent events: runs, test runs, policies, occurrences and forecasts as they change',
        tags: ['events'],
        headers: EventHeaders,
        response: {
          200: {
            description:
              'Never ends by itself. `event` is the `kind` of the data; send the last `id` as `Last-Event-ID` to go on after a cut',
            content: { 'text/event-stream': { schema: EventSchema } },
          },
          ...PROBLEMS,
        },
      },
    },
    async (request, reply) => {
      const close = await changes.open(request.caller.name);
      const gone = new AbortController();
      reply.raw.once('close', () => {
        gone.abort();
        close();
      });
      const stream = eventStream({
        journal: changes.journal,
        lifetime: changes.lifetime,
        lastEventId: request.headers['last-event-id'] ?? null,
        caller: () => request.callerNow(),
        heartbeatMs,
        signal: AbortSignal.any([gone.signal, closing.signal]),
      });
      reply.header('cache-control', 'no-store').header('x-accel-buffering', 'no').type('text/event-stream');
      // A stream goes out as it is, past the schema, which is of each event and not of the whole.
      const body: unknown = Readable.from(stream, { objectMode: false, highWaterMark: BUFFER_BYTES });
      return reply.send(body as never);
    },
  );
}
