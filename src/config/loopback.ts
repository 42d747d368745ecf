/** Addresses that only this machine can reach. */

/** The name `localhost` counts: every system we run on resolves it to one of the others. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/.test(host);
}
