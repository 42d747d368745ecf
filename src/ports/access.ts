/**
 * Access: who asks, and what he may. Where that is written down (the configuration, a
 * cluster's RBAC) is an adapter's business; what follows from it is `app/access`.
 *
 * Every adapter passes `test/conformance/access.ts`. Always true of it: in doubt the answer
 * is no; whoever owns a project sees it; an administrator sees and owns everything.
 */

/** Whoever sent a request. */
export interface Caller {
  /** As the audit log shows him, one line. */
  readonly name: string;
  /** May give operators' orders. */
  readonly isAdmin: boolean;
  /** Sees every project there is or will be. */
  readonly seesAll: boolean;
  /** Those of the projects that he may see. */
  visible(projects: readonly string[], signal: AbortSignal): Promise<ReadonlySet<string>>;
  /** May start and end runs of this project. */
  owns(project: string, signal: AbortSignal): Promise<boolean>;
}

export interface Access {
  /**
   * Whose token that is; null where it is nobody's. Takes any text.
   * @throws CodedError `not-ready` where that cannot be found out for now
   */
  callerOf(token: string, signal: AbortSignal): Promise<Caller | null>;
  /** Whether `callerOf` would ask somebody else, which is worth sparing. */
  isCostly(token: string): boolean;
}

/** Whoever may everything: the owner of the data folder, at its socket. */
export function unlimitedCaller(name: string): Caller {
  return {
    name,
    isAdmin: true,
    seesAll: true,
    visible: async (projects) => new Set(projects),
    owns: async () => true,
  };
}

/** Whoever may look at everything and do nothing: a listener without tokens. */
export function onlooker(name: string): Caller {
  return { ...unlimitedCaller(name), isAdmin: false, owns: async () => false };
}

/** Whoever has not said who he is, where that is asked. */
export const STRANGER: Caller = {
  name: 'somebody without a token',
  isAdmin: false,
  seesAll: false,
  visible: async () => new Set(),
  owns: async () => false,
};
