/** Test runs over the queries' rig: the app's own loop, a simulated engine and clock, a store in memory that outlives restarts. */
import { createHash } from 'node:crypto';
import { PolicyRegistry } from '../../../src/app/policies/registry.ts';
import { type CourseParts, TestRunCourse } from '../../../src/app/test-runs/course.ts';
import { TestRunFollower } from '../../../src/app/test-runs/follower.ts';
import { createTestRuns, type TestRuns } from '../../../src/app/test-runs/test-runs.ts';
import type { TestRunView } from '../../../src/app/test-runs/view.ts';
import { unlimitedCaller } from '../../../src/ports/access.ts';
import type { PolicyRecord } from '../../../src/ports/policy-store.ts';
import { OWN_POLICY } from '../../core/policy/policies.ts';
import { never, Rig, type RigOptions } from '../queries/rig.ts';

export const HOUR_MS = 3_600_000;
export const LIMITS = { waitMs: 6 * HOUR_MS, runMs: 2 * HOUR_MS };
export const mia = unlimitedCaller('mia');

export function aPolicyRecord(name: string, given: Partial<PolicyRecord> = {}): PolicyRecord {
  return {
    identity: `penstock:${name}`,
    version: 1,
    source: { kind: 'api' },
    policy: {
      ...OWN_POLICY,
      name,
      content: { kind: 'pipeline-inline', spec: {}, params: {} },
      scope: { kind: 'selectors', include: ANY, exclude: ANY },
      requests: {},
      priority: null,
      timeoutMs: null,
    },
    document: {},
    runContent: 'build',
    runContentHash: 'r1',
    contentHash: 'c1',
    configHash: 'f1',
    isContentKnown: true,
    isActive: false,
    savedAtMs: 1,
    savedBy: 'ann',
    activeSinceMs: 1,
    deletedAtMs: null,
    ...given,
  };
}

const ANY = { projects: [], tenants: [], labels: {} };
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export interface TestRunRigOptions extends RigOptions {
  /** What stands between test runs and the rest, such as an engine that does not answer. */
  readonly around?: (parts: CourseParts) => CourseParts;
}

export class TestRunRig {
  readonly rig: Rig;
  readonly testRuns: TestRuns;
  readonly follower: TestRunFollower;
  #ids = 0;

  constructor(options: TestRunRigOptions = {}) {
    const rig = new Rig({ loop: true, ...options });
    const { store, scheduler: clock, penstock } = rig;
    const registry = new PolicyRegistry({ store: store.policies, clock });
    const bare: CourseParts = {
      testRuns: store.testRuns,
      store: store.policies,
      penstock,
      createRuns: (...given) => penstock.createRuns(...given),
      clock,
      log: silent,
      engineKind: 'local',
      limits: LIMITS,
    };
    const parts = options.around?.(bare) ?? bare;
    const course = new TestRunCourse(parts);
    this.rig = rig;
    this.follower = new TestRunFollower({ testRuns: store.testRuns, course, clock, log: silent });
    this.testRuns = createTestRuns({
      ...parts,
      course,
      registry,
      apartMs: HOUR_MS,
      digest: (text) => createHash('sha256').update(text).digest('hex'),
      newId: () => {
        this.#ids += 1;
        return `t-${clock.nowMs()}-${this.#ids}`;
      },
      candidate: (project) => ({
        project,
        tenant: project,
        labels: null,
        gitlab: { id: null, groupIds: null, frameworkIds: null, isArchived: null, isPersonal: null },
      }),
      onAccepted: () => this.follower.wake(),
    });
  }

  async save(record: PolicyRecord): Promise<void> {
    const { version } = await this.rig.store.policies.state();
    const saved = [{ ...record, version: version + 1 }];
    await this.rig.store.policies.change(version, { saved, deleted: [], entries: [] });
  }

  ask(policyName: string, more: { readonly key?: string } = {}): Promise<TestRunView> {
    const order = { policyName, project: 'shop', branch: null, key: more.key ?? null };
    return this.rig.ask(this.testRuns.ask(order, mia, never));
  }

  one(policyName: string, id: string): Promise<TestRunView> {
    return this.rig.ask(this.testRuns.testRun(policyName, id, mia, never));
  }
}
