/**
 * In whose name orders are given: the user who types them, also through sudo. It is what
 * the log of orders shows, not a proof of anything.
 */
import { userInfo } from 'node:os';

const NAME_MAX = 100;

export function whoOrders(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const name = env.SUDO_USER === undefined || env.SUDO_USER === '' ? userName() : env.SUDO_USER;
  return name.replaceAll(/\p{Cc}/gu, ' ').slice(0, NAME_MAX);
}

/** A user without a name, as in many containers, is known by number. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? 'unknown'}`;
  }
}
