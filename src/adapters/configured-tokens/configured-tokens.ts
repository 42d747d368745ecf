/**
 * Access by tokens whose hashes are in the configuration.
 *
 * Always true: whether and where in the list a token is does not show in the time it takes
 * to say so, because each is compared with all, each in constant time.
 */
import { timingSafeEqual } from 'node:crypto';
import { isPenstockToken, tokenHash } from '../../documents/access-token.ts';
import { type Access, type Caller, unlimitedCaller } from '../../ports/access.ts';

export type Projects = 'all' | readonly string[];

export interface ConfiguredToken {
  /** Whose it is. */
  readonly name: string;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly role: 'viewer' | 'owner' | 'admin';
  readonly projects: Projects;
  /** Besides `projects`. */
  readonly sees: Projects;
}

export class ConfiguredTokens implements Access {
  #known: readonly { readonly hash: Buffer; readonly caller: Caller }[] = [];

  constructor(tokens: readonly ConfiguredToken[]) {
    this.replace(tokens);
  }

  /** From now on these count, and no other. */
  replace(tokens: readonly ConfiguredToken[]): void {
    this.#known = tokens.map((token) => ({
      hash: Buffer.from(token.sha256, 'hex'),
      caller: callerWith(token),
    }));
  }

  async callerOf(token: string): Promise<Caller | null> {
    if (!isPenstockToken(token)) return null;
    const hash = Buffer.from(tokenHash(token), 'hex');
    let found: Caller | null = null;
    for (const known of this.#known) if (timingSafeEqual(known.hash, hash)) found = known.caller;
    return found;
  }

  isCostly(): boolean {
    return false;
  }
}

function callerWith({ name, role, projects, sees }: ConfiguredToken): Caller {
  if (role === 'admin') return unlimitedCaller(name);
  const isOwn = role === 'owner' ? among(projects) : () => false;
  const seesAll = projects === 'all' || sees === 'all';
  const isSeen = seesAll ? () => true : among([...projects, ...sees]);
  return {
    name,
    isAdmin: false,
    seesAll,
    visible: async (asked) => new Set(asked.filter(isSeen)),
    owns: async (project) => isOwn(project),
  };
}

function among(projects: Projects): (project: string) => boolean {
  if (projects === 'all') return () => true;
  const set = new Set(projects);
  return (project) => set.has(project);
}
