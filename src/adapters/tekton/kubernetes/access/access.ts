/**
 * How to reach an API server and prove who we are: what every way of signing in comes down to.
 */
import type { ConnectionOptions } from 'node:tls';

export interface Credentials {
  /** Of each request: `authorization`, where there is one. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of each new connection. */
  readonly tls: Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'servername' | 'rejectUnauthorized'>;
}

export interface Access {
  readonly server: URL;
  readonly namespace: string;
  /**
   * As valid now: what rotates is read again in time, or at once with `renew`, after the server
   * refused the last ones. Rejects with a reason when there are none.
   */
  credentials(renew: boolean): Promise<Credentials>;
}
