/**
 * The registered policies: found, listed, changed over the API, and kept equal to the files of
 * a watched folder.
 *
 * Always true: changes are made one after the other; each is made on the state it was checked
 * against, or not at all; a policy that comes from a file is changed in its file only; how many
 * there may be is bounded.
 */
import { CodedError } from '../../core/errors/catalogue.ts';
import { identitiesFor } from '../../core/policy/identity.ts';
import type { Clock } from '../../ports/clock.ts';
import type {
  PolicyChange,
  PolicyOrderEntry,
  PolicyOrderKind,
  PolicyOutline,
  PolicyRecord,
  PolicySource,
  PolicyState,
  PolicyStore,
} from '../../ports/policy-store.ts';
import { checkCondition } from './conditions.ts';
import type { AppliedPolicy, Condition, ReadPolicyRecord, RegisteredPolicy } from './registered-policy.ts';

/** Of both sources together. */
export const POLICIES_MAX = 2_000;
/** Another process changed something meanwhile; two in a row are rare, this many never happen. */
const TRIES_MAX = 10;

export interface PolicyRegistryParts {
  readonly store: PolicyStore;
  readonly clock: Clock;
}

export interface PolicyOrder {
  readonly by: string;
  readonly condition: Condition;
}

/** A change that was thought out, and what is answered once it is carried out. */
export interface Plan<Answer> {
  readonly change: PolicyChange | null;
  readonly answer: Answer;
}

export class PolicyRegistry {
  readonly #parts: PolicyRegistryParts;
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: PolicyRegistryParts) {
    this.#parts = parts;
  }

  find(name: string): Promise<RegisteredPolicy | null> {
    return this.#parts.store.named(name);
  }

  /** Also one that was deleted. */
  async findByIdentity(identity: string): Promise<RegisteredPolicy | null> {
    const [record] = await this.#parts.store.records([identity]);
    return record ?? null;
  }

  state(): Promise<PolicyState> {
    return this.#parts.store.state();
  }

  records(identities: readonly string[]): Promise<readonly RegisteredPolicy[]> {
    return this.#parts.store.records(identities);
  }

  /** Calls `listener` after each change. Returns the unsubscriber. */
  onChange(listener: () => void): () => void {
    return this.#parts.store.changes.subscribe(listener);
  }

  /** Creates or replaces it. @throws CodedError when the condition does not hold, or a file has it */
  apply(read: ReadPolicyRecord, order: PolicyOrder): Promise<AppliedPolicy> {
    return this.change((state, nowMs) => planApply(state, read, { ...order, nowMs }));
  }

  /** @throws CodedError when there is none, the condition does not hold, or a file has it */
  remove(name: string, { by, condition }: PolicyOrder): Promise<void> {
    return this.change((state, nowMs) => {
      const there = liveOne(state, name);
      checkCondition(name, there, condition);
      if (there === null) throw unknownPolicy(name);
      checkSource(there, name);
      const deleted = [{ identity: there.identity, version: state.version + 1, atMs: nowMs }];
      const entries = [entryOf('delete-policy', { by, name, nowMs, detail: null })];
      return { change: { saved: [], deleted, entries }, answer: undefined };
    });
  }

  /** `plan` is asked again when somebody else was quicker. */
  change<Answer>(plan: (state: PolicyState, nowMs: number) => Plan<Answer>): Promise<Answer> {
    const mine = this.#last.then(() => this.#changeNow(plan));
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  async #changeNow<Answer>(plan: (state: PolicyState, nowMs: number) => Plan<Answer>): Promise<Answer> {
    const { store, clock } = this.#parts;
    for (let attempt = 1; attempt <= TRIES_MAX; attempt += 1) {
      const state = await store.state();
      const { change, answer } = plan(state, clock.nowMs());
      if (change === null) return answer;
      if (await store.change(state.version, change)) return answer;
    }
    throw new CodedError('not-ready', 'The policies are being changed by somebody else; try again.');
  }
}

function planApply(
  state: PolicyState,
  read: ReadPolicyRecord,
  order: PolicyOrder & { readonly nowMs: number },
): Plan<AppliedPolicy> {
  const { name, format } = read.policy;
  const { by, nowMs } = order;
  const there = liveOne(state, name);
  checkCondition(name, there, order.condition);
  if (there !== null) checkSource(there, name);
  else checkRoom(state);
  const appearance = { name, format, contentHash: read.contentHash };
  const [identity = ''] =
    there === null
      ? identitiesFor([appearance], { known: state.outlines, lastOfName: state.lastOfName, vanished: [] })
      : [there.identity];
  const saved = { identity, version: state.version + 1, source: { kind: 'api' } as const, by, nowMs };
  const record = recordOf(read, saved, there);
  if (there !== null && isSame(there, record)) {
    return { change: null, answer: { kind: 'unchanged', policy: { ...record, version: there.version } } };
  }
  const kind = there === null ? 'created' : 'updated';
  const entries = [entryOf('apply-policy', { by, name, nowMs, detail: kind })];
  return { change: { saved: [record], deleted: [], entries }, answer: { kind, policy: record } };
}

/** `before` is what lives under this identity, if anything does. */
export function recordOf(
  read: ReadPolicyRecord,
  saved: {
    readonly identity: string;
    readonly version: number;
    readonly source: PolicySource;
    readonly by: string;
    readonly nowMs: number;
  },
  before: PolicyOutline | null,
): PolicyRecord {
  const { identity, version, source, by, nowMs } = saved;
  const goesOn = before !== null && before.deletedAtMs === null && before.isActive && read.isActive;
  const activeSinceMs = goesOn ? before.activeSinceMs : nowMs;
  const { policy, document, runContent, runContentHash, contentHash, configHash } = read;
  const { isContentKnown, isActive } = read;
  return {
    policy,
    document,
    runContent,
    runContentHash,
    contentHash,
    configHash,
    isContentKnown,
    isActive,
    identity,
    version,
    source,
    savedAtMs: nowMs,
    savedBy: by,
    activeSinceMs,
    deletedAtMs: null,
  };
}

/** Nothing that anybody could notice is different. */
export function isSame(before: PolicyOutline, record: PolicyRecord): boolean {
  return (
    before.configHash === record.configHash &&
    before.contentHash === record.contentHash &&
    before.runContentHash === record.runContentHash &&
    before.isActive === record.isActive &&
    sourceText(before.source) === sourceText(record.source)
  );
}

function sourceText(source: PolicySource): string {
  return source.kind === 'api' ? 'api' : `${source.place} ${source.file}`;
}

export function liveOne({ outlines }: PolicyState, name: string): PolicyOutline | null {
  return outlines.find((one) => one.deletedAtMs === null && one.name === name) ?? null;
}

export function entryOf(
  what: PolicyOrderKind,
  of: {
    readonly by: string;
    readonly name: string;
    readonly nowMs: number;
    readonly detail: string | null;
  },
): PolicyOrderEntry {
  return { atMs: of.nowMs, by: of.by, what, about: `policy ${of.name}`, detail: of.detail };
}

export function unknownPolicy(name: string): CodedError {
  const shown = JSON.stringify(name.slice(0, 100));
  return new CodedError(
    'policy-unknown',
    `There is no policy ${shown}; "penstock policy list" shows those there are.`,
  );
}

function checkSource({ source }: PolicyOutline, name: string): void {
  if (source.kind === 'api') return;
  throw new CodedError(
    'policy-in-file',
    `Policy "${name}" comes from the file ${source.file} of the policy folder; change it there.`,
  );
}

function checkRoom({ outlines }: PolicyState): void {
  const living = outlines.filter(({ deletedAtMs }) => deletedAtMs === null).length;
  if (living < POLICIES_MAX) return;
  throw new CodedError(
    'policies-full',
    `There are ${living} policies already, the most there may be: delete some first.`,
  );
}
