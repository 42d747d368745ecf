/** How a fake server leaves a connection. */
import type { ServerResponse } from 'node:http';
import type { Ending } from './faults.ts';

export function endConnection(response: ServerResponse, how: Ending): void {
  const { socket } = response;
  if (how === 'hang' || socket === null) return;
  // What was written must leave first: a reset drops what the kernel still holds.
  const end = () => {
    if (how === 'close') socket.destroy();
    else socket.resetAndDestroy();
  };
  if (socket.writableLength === 0) setImmediate(end);
  else socket.write('', () => setImmediate(end));
}
