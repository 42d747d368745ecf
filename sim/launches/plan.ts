/** What a simulation of launches is about, drawn from its seed: the policy, the projects, the faults. */
import type { CatchUp, Policy, Spread } from '../../src/core/policy/model.ts';
import type { ScopeCandidate } from '../../src/core/policy/scope.ts';
import { type Random, randomStream } from '../../src/core/random/random.ts';
import { between, chance, pick, scaled } from '../draws.ts';

const MINUTE_MS = 60_000;

const FAULTS = ['crashes', 'edits', 'clockJumps', 'outages', 'lostCreations', 'storeFaults'] as const;
export type LaunchFault = (typeof FAULTS)[number];

export interface LaunchPlan {
  readonly seed: number;
  readonly faults: ReadonlySet<LaunchFault>;
  readonly policy: Policy;
  readonly candidates: readonly ScopeCandidate[];
  readonly slots: number;
  readonly slownessMs: number;
  /** Like a process that is gone with its requests, or like one whose requests may still land. */
  readonly creationEndsWithProcess: boolean;
}

const NOTHING = { projects: [], tenants: [], labels: {} };
const GITLAB = { id: null, groupIds: null, frameworkIds: null, isArchived: null, isPersonal: null };

export function launchPlanOf(seed: number): LaunchPlan {
  const random = randomStream(seed, 'plan of launches');
  return {
    seed,
    faults: new Set(FAULTS.filter(() => chance(random, 0.5))),
    policy: policyOf(random),
    candidates: Array.from({ length: between(random, 3, 70) }, (_, at) => ({
      project: `web/p${at}`,
      tenant: at % 2 === 0 ? 'web' : 'data',
      labels: {},
      gitlab: GITLAB,
    })),
    slots: between(random, 1, 8),
    slownessMs: scaled(random, 5, 20_000),
    creationEndsWithProcess: chance(random, 0.5),
  };
}

function policyOf(random: Random): Policy {
  const spread: Spread = pick(random, ['random', 'even', 'paced']);
  const catchUp: CatchUp = chance(random, 0.5)
    ? { mode: 'skip' }
    : { mode: 'run-late', limitMs: scaled(random, MINUTE_MS, 300 * MINUTE_MS) };
  return {
    format: 'penstock',
    name: 'audit',
    displayName: 'audit',
    description: '',
    enabled: true,
    content: { kind: 'pipeline-inline', spec: { tasks: [] }, params: {} },
    schedule: {
      recurrence: { kind: 'daily' },
      startMinute: 60,
      timeZone: 'UTC',
      clockChanges: 'run-once',
    },
    window: { lengthMs: scaled(random, 10_000, 120 * MINUTE_MS), spread },
    branches: chance(random, 0.2) ? ['main', 'release'] : [],
    snooze: null,
    scope: { kind: 'selectors', include: NOTHING, exclude: NOTHING },
    timeoutMs: null,
    requests: {},
    priority: null,
    catchUp,
    variables: null,
    metadata: {},
  };
}

/** Something an author may do to his policy. */
export function editOf(policy: Policy, random: Random, nowMs: number): Policy {
  switch (between(random, 0, 5)) {
    case 0:
      return { ...policy, enabled: !policy.enabled };
    case 1:
      return { ...policy, window: { ...policy.window, lengthMs: scaled(random, 10_000, 120 * MINUTE_MS) } };
    case 2: {
      const projects = chance(random, 0.5) ? [] : ['web/p1', 'web/p2'];
      return { ...policy, scope: { kind: 'selectors', include: NOTHING, exclude: { ...NOTHING, projects } } };
    }
    case 3: {
      const untilMs = nowMs + between(random, -10, 60) * MINUTE_MS;
      return { ...policy, snooze: { untilMs, reason: null } };
    }
    case 4:
      return { ...policy, snooze: null, description: `edit ${between(random, 0, 1_000)}` };
    default: {
      const startMinute = 60 + between(random, -20, 40);
      return { ...policy, schedule: { ...policy.schedule, startMinute } };
    }
  }
}
