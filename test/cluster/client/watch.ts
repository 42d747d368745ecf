/**
 * A watch as the API server sends it: one JSON document a line. Ends when the server ends
 * it; nothing is reconnected here, so a test sees exactly one connection.
 */
import type { IncomingMessage } from 'node:http';
import type { KubeObject } from './resources.ts';

export interface WatchEvent<Kind extends KubeObject = KubeObject> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  /** A `Status` when the type is ERROR. */
  readonly object: Kind;
}

export async function* eventsOf<Kind extends KubeObject>(
  response: IncomingMessage,
): AsyncGenerator<WatchEvent<Kind>> {
  let rest = '';
  response.setEncoding('utf8');
  for await (const chunk of response) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') yield JSON.parse(line) as WatchEvent<Kind>;
  }
}
