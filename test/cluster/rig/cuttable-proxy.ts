/**
 * A TCP proxy in front of the API server, whose connections a test can cut: what a network
 * that drops connections looks like from Penstock, while the server itself stays well.
 */

import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';

export class CuttableProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Those that reach the server. */
  readonly #through = new Set<Socket>();
  #cuts = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(target: string): Promise<CuttableProxy> {
    const { hostname, port } = new URL(target);
    const server = createServer((inbound) => {
      const outbound = connect(Number(port), hostname, () => proxy.#through.add(inbound));
      for (const socket of [inbound, outbound]) {
        proxy.#sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => {
          proxy.#sockets.delete(socket);
          proxy.#through.delete(socket);
          inbound.destroy();
          outbound.destroy();
        });
      }
      inbound.pipe(outbound).pipe(inbound);
    });
    const proxy = new CuttableProxy(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Connections that reach the server now. */
  get connections(): number {
    return this.#through.size;
  }

  /** How often connections that reached the server were cut. */
  get cuts(): number {
    return this.#cuts;
  }

  /** Resets every connection there is. */
  cut(): void {
    if (this.#through.size > 0) this.#cuts += 1;
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
