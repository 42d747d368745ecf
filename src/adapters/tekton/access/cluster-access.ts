/**
 * Access as the cluster grants it: a bearer token is shown to the API server (TokenReview), and
 * what its user may is asked there (SubjectAccessReview). Nothing of it is written down here.
 *
 * | right                   | what it takes in RBAC                                     |
 * | ----------------------- | --------------------------------------------------------- |
 * | see a project           | list `pipelineruns.tekton.dev` in its namespace           |
 * | own a project           | create `testruns.penstock.dev` in its namespace           |
 * | see all projects        | list `pipelineruns.tekton.dev` in all namespaces          |
 * | administer              | update `controls.penstock.dev`, of the cluster            |
 *
 * Always true: an API server that does not answer lets nobody in and allows nothing; a token is
 * kept as its hash only; what was answered counts for a minute at most.
 */
import { createHash } from 'node:crypto';
import { CodedError } from '../../../core/errors/catalogue.ts';
import { isPenstockToken } from '../../../documents/access-token.ts';
import { type Access, type Caller, unlimitedCaller } from '../../../ports/access.ts';
import type { Cluster } from '../kubernetes/api.ts';
import { MACHINE_TIME, type Time } from '../kubernetes/time.ts';
import { Answers } from './answers.ts';

const REVIEW_TIMEOUT_MS = 5_000;
/** So long a right that was taken away may still count. */
const GRANTED_KEPT_MS = 60_000;
const REFUSED_KEPT_MS = 10_000;
const TOKENS_KEPT = 10_000;
const RIGHTS_KEPT = 100_000;
/** Questions about one caller that are out at the same time. */
const ASKED_AT_ONCE = 16;
const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

interface User {
  readonly username: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

interface Right {
  /** Null: of the cluster, or of all namespaces. */
  readonly namespace: string | null;
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
}

export class ClusterAccess implements Access {
  readonly #cluster: Cluster;
  readonly #callers: Answers<Caller | null>;
  readonly #rights: Answers<boolean>;

  constructor({ cluster, time = MACHINE_TIME }: { readonly cluster: Cluster; readonly time?: Time }) {
    this.#cluster = cluster;
    const nowMs = (): number => time.steadyMs();
    const keepMs = (granted: unknown): number =>
      granted === null || granted === false ? REFUSED_KEPT_MS : GRANTED_KEPT_MS;
    this.#callers = new Answers<Caller | null>({ most: TOKENS_KEPT, nowMs, keepMs });
    this.#rights = new Answers<boolean>({ most: RIGHTS_KEPT, nowMs, keepMs });
  }

  async callerOf(token: string, signal: AbortSignal): Promise<Caller | null> {
    if (!isSent(token)) return null;
    return this.#callers.of(keyOf(token), () => this.#review(token, signal));
  }

  isCostly(token: string): boolean {
    return isSent(token) && !this.#callers.knows(keyOf(token));
  }

  async #review(token: string, signal: AbortSignal): Promise<Caller | null> {
    const status = await this.#ask('authentication.k8s.io', 'TokenReview', { token }, signal);
    const user = status.user as User | undefined;
    if (status.authenticated !== true || user === undefined || user.username === '') return null;
    return this.#callerFor(user, signal);
  }

  async #callerFor(user: User, signal: AbortSignal): Promise<Caller> {
    const may = (right: Right, until: AbortSignal): Promise<boolean> => this.#may(user, right, until);
    if (await may(CONTROLS, signal)) return unlimitedCaller(user.username);
    const seesAll = await may(runsIn(null), signal);
    const owns = async (project: string, until: AbortSignal): Promise<boolean> =>
      NAMESPACE.test(project) && may(testRunsIn(project), until);
    const sees = async (project: string, until: AbortSignal): Promise<boolean> =>
      NAMESPACE.test(project) && ((await may(runsIn(project), until)) || (await owns(project, until)));
    return {
      name: user.username,
      isAdmin: false,
      seesAll,
      visible: async (projects, until) =>
        seesAll ? new Set(projects) : new Set(await chosen(projects, (project) => sees(project, until))),
      owns,
    };
  }

  #may(user: User, right: Right, signal: AbortSignal): Promise<boolean> {
    const key = keyOf(JSON.stringify([user, right]));
    return this.#rights.of(key, async () => {
      const { username, uid, groups, extra } = user;
      const { namespace, ...attributes } = right;
      const resourceAttributes = namespace === null ? attributes : { ...attributes, namespace };
      const spec = { user: username, uid, groups, extra, resourceAttributes };
      const status = await this.#ask('authorization.k8s.io', 'SubjectAccessReview', spec, signal);
      return status.allowed === true && status.denied !== true;
    });
  }

  async #ask(
    group: string,
    kind: 'TokenReview' | 'SubjectAccessReview',
    spec: object,
    signal: AbortSignal,
  ): Promise<Readonly<Record<string, unknown>>> {
    const path = `/apis/${group}/v1/${kind.toLowerCase()}s`;
    const body = { apiVersion: `${group}/v1`, kind, spec };
    const timeoutMs = REVIEW_TIMEOUT_MS;
    const outcome = await this.#cluster.request({ method: 'POST', path, body, signal, timeoutMs });
    if (outcome.kind === 'ok') {
      const { status } = outcome.body as { readonly status?: Readonly<Record<string, unknown>> };
      return status ?? {};
    }
    const why = outcome.kind === 'api-status' ? outcome.message || `status ${outcome.code}` : outcome.why;
    throw new CodedError(
      'not-ready',
      `The cluster does not say for now who that is and what he may: ${why}.`,
    );
  }
}

/** A token of Penstock's own is nobody's in the cluster, and is not shown to it. */
function isSent(token: string): boolean {
  return token !== '' && /^[\x21-\x7e]+$/.test(token) && !isPenstockToken(token);
}

function keyOf(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}

const CONTROLS: Right = { namespace: null, verb: 'update', group: 'penstock.dev', resource: 'controls' };

function runsIn(namespace: string | null): Right {
  return { namespace, verb: 'list', group: 'tekton.dev', resource: 'pipelineruns' };
}

function testRunsIn(namespace: string): Right {
  return { namespace, verb: 'create', group: 'penstock.dev', resource: 'testruns' };
}

async function chosen(
  projects: readonly string[],
  isSo: (project: string) => Promise<boolean>,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (let from = 0; from < projects.length; from += ASKED_AT_ONCE) {
    const some = projects.slice(from, from + ASKED_AT_ONCE);
    const answers = await Promise.all(some.map(isSo));
    found.push(...some.filter((_, place) => answers[place]));
  }
  return found;
}
