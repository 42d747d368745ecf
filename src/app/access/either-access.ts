/** Two sources of access as one: whom the first does not know, the second may. */
import type { Access } from '../../ports/access.ts';

export function eitherAccess(first: Access, second: Access): Access {
  return {
    callerOf: async (token, signal) =>
      (await first.callerOf(token, signal)) ?? (await second.callerOf(token, signal)),
    isCostly: (token) => first.isCostly(token) || second.isCostly(token),
  };
}
