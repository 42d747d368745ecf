/**
 * Puts together what is about scheduled policies: the registry, the questions and orders about
 * it, and the launcher where this process is to launch.
 */
import { createHash } from 'node:crypto';
import { Launcher } from '../app/launching/launcher.ts';
import { createPolicies, type Policies } from '../app/policies/policies.ts';
import { PolicyRegistry } from '../app/policies/registry.ts';
import type { Penstock } from '../app/views.ts';
import type { Config } from '../config/config.ts';
import { scopeCandidateOf } from '../config/scope-candidates.ts';
import { canonicalJson } from '../core/text/canonical-json.ts';
import type { Clock } from '../ports/clock.ts';
import type { Engine } from '../ports/engine.ts';
import type { Leadership } from '../ports/leadership.ts';
import type { Log } from '../ports/log.ts';
import type { Store } from '../ports/store.ts';

export interface PolicyParts {
  readonly config: Config;
  readonly engine: Engine;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly penstock: Penstock;
  /** Null where this process launches nothing. */
  readonly leadership: Leadership | null;
}

export interface ComposedPolicies {
  readonly registry: PolicyRegistry;
  readonly policies: Policies;
  /** Not started yet. */
  readonly launcher: Launcher | null;
}

export function composePolicies(parts: PolicyParts): ComposedPolicies {
  const { config, engine, store, clock, log, penstock, leadership } = parts;
  const registry = new PolicyRegistry({ store: store.policies, clock });
  const engineKind = engine.kind;
  const candidates = config.projects.map(scopeCandidateOf);
  const projects = { candidates, candidatesPlan: digest(canonicalJson(candidates)).slice(0, 16) };
  const runs = {
    store: store.policies,
    engineKind,
    createRuns: (...given: Parameters<Penstock['createRuns']>) => penstock.createRuns(...given),
  };
  const { launches } = store;
  const around = { registry, launches, clock, projects, runs, digest };
  const launcher = leadership === null ? null : new Launcher({ ...around, engine, store, log, leadership });
  const policies = createPolicies({ registry, clock, engineKind, launches, projects, digest, launcher });
  return { registry, policies, launcher };
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
