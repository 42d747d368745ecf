/**
 * Who may come in over TCP, from the configuration and from the cluster, as it is now.
 *
 * Always true: once anybody had a token, nobody comes in without one as long as the process
 * lives; that the last token is taken back opens nothing.
 */
import { ConfiguredTokens } from '../adapters/configured-tokens/configured-tokens.ts';
import { eitherAccess } from '../app/access/either-access.ts';
import type { Config } from '../config/config.ts';
import type { Access } from '../ports/access.ts';

export interface ComposedAccess {
  /** Null where nobody ever had a token. */
  readonly now: () => Access | null;
  /** From now on these tokens count, and no others of the configuration. */
  readonly take: (tokens: Config['access']['tokens']) => void;
}

export function composeAccess(
  { tokens, kubernetes }: Config['access'],
  cluster: Access | undefined,
): ComposedAccess {
  const configured = new ConfiguredTokens(tokens);
  const asked = kubernetes && cluster !== undefined ? eitherAccess(configured, cluster) : configured;
  let isGuarded = tokens.length > 0 || asked !== configured;
  return {
    now: () => (isGuarded ? asked : null),
    take: (now) => {
      configured.replace(now);
      isGuarded ||= now.length > 0;
    },
  };
}
