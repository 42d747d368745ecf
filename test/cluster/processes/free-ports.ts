/**
 * Says before anything is started which port somebody else has taken: a server's own
 * message about it would be deep in a log.
 */
import { createServer } from 'node:net';
import { LOOPBACK } from './context.ts';
import { LAST_SLOT, type Layout, PORT_NAMES } from './layout.ts';

export async function insistOnFreePorts({ ports, slot }: Layout): Promise<void> {
  for (const name of PORT_NAMES) {
    if (await isFree(ports[name])) continue;
    throw new Error(
      `Port ${ports[name]}, which ${name} of cluster ${slot} needs, is taken by another program. ` +
        `End that program, or set PENSTOCK_CLUSTER_SLOT to another number up to ${LAST_SLOT}.`,
    );
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, LOOPBACK, () => server.close(() => resolve(true)));
  });
}
