/** Puts test runs together, because `compose.ts` has enough to do: who takes them, and who follows them where runs are started. */
import { randomBytes } from 'node:crypto';
import type { Duty } from '../app/duty.ts';
import type { PolicyRegistry } from '../app/policies/registry.ts';
import { TestRunCourse } from '../app/test-runs/course.ts';
import { TestRunFollower } from '../app/test-runs/follower.ts';
import { createTestRuns, type TestRuns } from '../app/test-runs/test-runs.ts';
import type { Penstock } from '../app/views.ts';
import type { Config } from '../config/config.ts';
import { scopeCandidateOf } from '../config/scope-candidates.ts';
import { sha256 } from '../documents/sha256.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Store } from '../ports/store.ts';

/** From one accepted test run of a policy to the next; people are told of an hour. */
const APART_MS = 3_600_000;
const ID_BYTES = 12;

export interface TestRunParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly penstock: Penstock;
  readonly registry: PolicyRegistry;
  readonly engine: { readonly kind: string };
  readonly duty: Duty;
}

export function composeTestRuns(
  config: Pick<Config, 'testRuns' | 'projects'>,
  parts: TestRunParts,
): {
  readonly testRuns: TestRuns;
  readonly follower: TestRunFollower;
} {
  const { store, clock, log, penstock, registry, engine, duty } = parts;
  const projects = new Map(config.projects.map((project) => [project.name, project]));
  const courseParts = {
    testRuns: store.testRuns,
    store: store.policies,
    penstock,
    createRuns: penstock.createRuns.bind(penstock),
    clock,
    log,
    engineKind: engine.kind,
    limits: config.testRuns,
  };
  const course = new TestRunCourse(courseParts);
  const follower = new TestRunFollower({ testRuns: store.testRuns, course, clock, log, duty });
  const testRuns = createTestRuns({
    ...courseParts,
    course,
    registry,
    duty,
    apartMs: APART_MS,
    digest: sha256,
    newId: () => `t-${randomBytes(ID_BYTES).toString('hex')}`,
    candidate: (project) => {
      const known = projects.get(project);
      if (known !== undefined) return scopeCandidateOf(known);
      // One that nobody configured is a tenant of its own, and who knows what else it is.
      const unlisted = scopeCandidateOf({ name: project, tenant: project, folder: null, labels: {} });
      return { ...unlisted, labels: null };
    },
    onAccepted: () => follower.wake(),
  });
  return { testRuns, follower };
}
