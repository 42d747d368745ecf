/**
 * Connections to one API server, kept alive between requests.
 *
 * Always true: a dead peer is noticed within about 20 seconds by TCP itself; what was written
 * and not yet delivered when a request is given up is dropped, never delivered late.
 */
import { type ClientRequest, Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Credentials } from '../access/access.ts';

/** Less than what any server or proxy on the way is known to wait: API servers close after 90 s. */
const IDLE_MS = 25_000;
/** First probe on a silent connection; the next follow each second, the tenth in vain ends it. */
const PROBE_AFTER_MS = 10_000;

export class Connections {
  readonly #server: URL;
  readonly #agent: HttpAgent | HttpsAgent;
  /** Of a TLS socket the TCP socket below: only that can be reset. */
  readonly #below = new WeakMap<object, Socket>();
  readonly #ready = new WeakSet<Socket>();
  #tls: Credentials['tls'] = {};

  constructor(server: URL, most: number) {
    this.#server = server;
    const options = { keepAlive: true, maxSockets: most, maxFreeSockets: most, timeout: IDLE_MS };
    this.#agent = server.protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options);
    this.#agent.createConnection = () => this.#connect();
  }

  /** For connections made from now on. */
  useTls(tls: Credentials['tls']): void {
    this.#tls = tls;
  }

  open(method: string, headers: Readonly<Record<string, string>>): ClientRequest {
    const { host } = this.#server;
    const options = { method, headers: { ...headers, host }, ...hostOf(this.#server), agent: this.#agent };
    return this.#isTls ? httpsRequest(options) : httpRequest(options);
  }

  /** Connected, and over TLS agreed upon: what is written now goes out. */
  isReady(socket: Socket): boolean {
    return this.#ready.has(socket);
  }

  whenReady(socket: Socket, callback: () => void): void {
    if (this.isReady(socket)) callback();
    else socket.once(this.#isTls ? 'secureConnect' : 'connect', callback);
  }

  /**
   * Ends the connection so that nothing still on its way out is delivered; not at once but before
   * anything else is read. Who asks may have been called from within OpenSSL's reading (a handshake
   * that is done, a session ticket), which must not find its connection freed when it goes on: that
   * was seen to end the process with a segmentation fault.
   */
  reset(socket: Socket): void {
    setImmediate(() => {
      const below = this.#below.get(socket) ?? socket;
      // Until it is ready no request is written, so there is nothing to hold back.
      if (this.isReady(socket) && !below.connecting) below.resetAndDestroy();
      socket.destroy();
    });
  }

  close(): void {
    this.#agent.destroy();
  }

  get #isTls(): boolean {
    return this.#server.protocol === 'https:';
  }

  #connect(): Socket {
    const { host, port } = hostOf(this.#server);
    const below = connectTcp({
      host,
      port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: PROBE_AFTER_MS,
    });
    if (!this.#isTls) {
      below.once('connect', () => this.#ready.add(below));
      return below;
    }
    const servername = isIP(host) === 0 ? { servername: host } : {};
    const socket = connectTls({ socket: below, ALPNProtocols: ['http/1.1'], ...servername, ...this.#tls });
    socket.once('secureConnect', () => this.#ready.add(socket));
    this.#below.set(socket, below);
    return socket;
  }
}

function hostOf({ protocol, hostname, port }: URL): { readonly host: string; readonly port: number } {
  const defaultPort = protocol === 'https:' ? 443 : 80;
  return { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? defaultPort : Number(port) };
}
