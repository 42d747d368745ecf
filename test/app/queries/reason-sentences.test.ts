/** Every kind of hold reason, in full: these sentences are what people meet most. */
import { expect, test } from 'vitest';
import type { StandingPause } from '../../../src/app/admission/controls.ts';
import { reasonSentence } from '../../../src/app/queries/reason-sentences.ts';
import { poolWaitedFor } from '../../../src/core/admission/pool-waited-for.ts';
import type { HoldReason } from '../../../src/core/model/decision.ts';
import { runId } from '../../../src/core/model/run.ts';
import type { Front, PauseTarget } from '../../../src/ports/store.ts';

const full: HoldReason = { kind: 'pool-full', pool: 'linux/s390x', asked: 1, free: 0, size: 8 };
const reserved: HoldReason = {
  kind: 'reserved',
  pool: 'linux/arm64',
  forRun: runId('big-1'),
  promisedAtMs: 1_000,
};
const capped: HoldReason = {
  kind: 'tenant-cap',
  pool: 'linux/arm64',
  tenant: 'team-a',
  asked: 2,
  free: 1,
  cap: 4,
};

function behind(ahead: number, first: HoldReason): HoldReason {
  return { kind: 'behind', head: runId('head'), ahead, first };
}

function configured(target: PauseTarget): StandingPause {
  return { target, source: 'configuration', by: null, sinceMs: null, reason: null };
}

/** What the configuration pauses, where a row does not say otherwise. */
const configuredPauses = [
  configured({ scope: 'everything' }),
  configured({ scope: 'tenant', name: 'team-a' }),
  configured({ scope: 'pool', name: 'linux/s390x' }),
];

interface Row {
  readonly story: string;
  readonly reason: HoldReason;
  readonly aheadInPool?: number | null;
  readonly pauses?: readonly StandingPause[];
  readonly fronts?: readonly Front[];
  readonly want: string;
  readonly wantPool: string | null;
}

const table: readonly Row[] = [
  {
    story: 'everything is paused',
    reason: { kind: 'paused', scope: 'everything' },
    want: 'Everything is paused: nothing starts until somebody takes the pause back in penstock.yaml.',
    wantPool: null,
  },
  {
    story: 'a paused tenant',
    reason: { kind: 'paused', scope: 'tenant', name: 'team-a' },
    want: 'The tenant team-a is paused: it starts once somebody takes that pause back in penstock.yaml.',
    wantPool: null,
  },
  {
    story: 'a paused pool',
    reason: { kind: 'paused', scope: 'pool', name: 'linux/s390x' },
    want: 'The pool linux/s390x is paused: it starts once somebody takes that pause back in penstock.yaml.',
    wantPool: 'linux/s390x',
  },
  {
    story: 'everything is paused by somebody, who says why',
    reason: { kind: 'paused', scope: 'everything' },
    pauses: [
      { target: { scope: 'everything' }, source: 'order', by: 'ann', sinceMs: 7, reason: 'database upgrade' },
    ],
    want: 'Everything is paused by ann since <7>: database upgrade. "penstock resume" takes that back.',
    wantPool: null,
  },
  {
    story: 'a tenant paused by a command and in the configuration: both must be taken back',
    reason: { kind: 'paused', scope: 'tenant', name: 'team-a' },
    pauses: [
      {
        target: { scope: 'tenant', name: 'team-a' },
        source: 'order',
        by: 'ann',
        sinceMs: 7,
        reason: 'Too many failures!',
      },
      ...configuredPauses,
    ],
    want: 'The tenant team-a is paused by ann since <7>: Too many failures! "penstock resume --tenant team-a" takes that back. The tenant team-a is paused: it starts once somebody takes that pause back in penstock.yaml.',
    wantPool: null,
  },
  {
    story: 'a tenant that the engine says is paused',
    reason: { kind: 'paused', scope: 'tenant', name: 'team-a' },
    pauses: [
      {
        target: { scope: 'tenant', name: 'team-a' },
        source: 'engine',
        by: null,
        sinceMs: null,
        reason: 'annotation paused: moving house',
      },
    ],
    want: 'The tenant team-a is paused in the engine: annotation paused: moving house. It goes on once that is taken back there.',
    wantPool: null,
  },
  {
    story: 'a paused pool that somebody paused without a reason',
    reason: { kind: 'paused', scope: 'pool', name: 'linux/s390x' },
    pauses: [
      {
        target: { scope: 'pool', name: 'linux/s390x' },
        source: 'order',
        by: 'bob',
        sinceMs: 7,
        reason: null,
      },
    ],
    want: 'The pool linux/s390x is paused by bob since <7>. "penstock resume --pool linux/s390x" takes that back.',
    wantPool: 'linux/s390x',
  },
  {
    story: 'units kept for a run that somebody moved to the front',
    reason: reserved,
    fronts: [{ runId: runId('big-1'), by: 'ann', atMs: 9 }],
    want: 'Waiting although linux/arm64 has room: it is kept for run big-1, which ann moved to the front at <9>.',
    wantPool: 'linux/arm64',
  },
  {
    story: 'a pool that is gone from the configuration',
    reason: { kind: 'unknown-pool', pool: 'linux/mips', known: ['linux/arm64', 'runs'] },
    want: 'It asks for pool linux/mips, which is not configured: it cannot start. Cancel it and create it again with one of linux/arm64, runs, or add the pool to penstock.yaml.',
    wantPool: null,
  },
  {
    story: 'needs that cannot be understood',
    reason: { kind: 'malformed', problem: 'annotation requests.penstock.dev/arm: must be a whole number' },
    want: 'It cannot start: annotation requests.penstock.dev/arm: must be a whole number. Mend that, and it takes its place in the queue.',
    wantPool: null,
  },
  {
    story: 'a priority that is gone, and none is left to choose',
    reason: { kind: 'unknown-priority', priority: 'urgent', known: [] },
    want: 'It has priority urgent, which is not configured: it cannot start. Add the priority to penstock.yaml.',
    wantPool: null,
  },
  {
    story: 'a priority that is gone',
    reason: { kind: 'unknown-priority', priority: 'urgent', known: ['high', 'normal'] },
    want: 'It has priority urgent, which is not configured: it cannot start. Cancel it and create it again with one of high, normal, or add the priority to penstock.yaml.',
    wantPool: null,
  },
  {
    story: 'more than the pool has',
    reason: { kind: 'never-fits', pool: 'linux/s390x', asked: 9, size: 8 },
    want: "It asks for 9 of linux/s390x, which has only 8: it can never start. Ask for at most 8, or raise the pool's size in penstock.yaml.",
    wantPool: 'linux/s390x',
  },
  {
    story: 'a pool that has nothing at all',
    reason: { kind: 'never-fits', pool: 'linux/s390x', asked: 1, size: 0 },
    want: "It asks for 1 of linux/s390x, which has none: it cannot start. Raise the pool's size in penstock.yaml, or cancel it and create it without linux/s390x.",
    wantPool: 'linux/s390x',
  },
  {
    story: 'more than its tenant may use',
    reason: { kind: 'never-fits-cap', pool: 'linux/s390x', tenant: 'team-a', asked: 5, cap: 4 },
    want: "It asks for 5 of linux/s390x, and tenant team-a may use at most 4 at once: it can never start. Ask for at most 4, or raise the tenant's cap in penstock.yaml.",
    wantPool: 'linux/s390x',
  },
  {
    story: 'a tenant that may use none',
    reason: { kind: 'never-fits-cap', pool: 'linux/s390x', tenant: 'team-a', asked: 1, cap: 0 },
    want: "It asks for 1 of linux/s390x, and tenant team-a may use none at once: it can never start. Do not ask for linux/s390x, or raise the tenant's cap in penstock.yaml.",
    wantPool: 'linux/s390x',
  },
  {
    story: 'a capacity nobody is sure of',
    reason: { kind: 'capacity-in-doubt', pool: 'aws-ip', doubt: 'its last reading is 4 minutes old' },
    want: 'How much of aws-ip is free is in doubt (its last reading is 4 minutes old), so nothing that needs it starts. Check where its size comes from; it goes on by itself as soon as the size is known again.',
    wantPool: 'aws-ip',
  },
  {
    story: 'a full pool',
    reason: full,
    aheadInPool: 3,
    want: 'Waiting for linux/s390x: 0 of 8 free, 3 ahead of you there.',
    wantPool: 'linux/s390x',
  },
  {
    story: 'a full pool, and it is the next one',
    reason: full,
    aheadInPool: 0,
    want: 'Waiting for linux/s390x: 0 of 8 free, nobody ahead of you there.',
    wantPool: 'linux/s390x',
  },
  {
    story: 'a full pool, without a plan',
    reason: full,
    want: 'Waiting for linux/s390x: 0 of 8 free.',
    wantPool: 'linux/s390x',
  },
  {
    story: 'a pool with too little left',
    reason: { kind: 'pool-full', pool: 'linux/s390x', asked: 3, free: 2, size: 8 },
    aheadInPool: 1,
    want: 'Waiting for linux/s390x: 2 of 8 free and it asks for 3, 1 ahead of you there.',
    wantPool: 'linux/s390x',
  },
  {
    story: 'the cap on everything is called a slot',
    reason: { kind: 'pool-full', pool: 'runs', asked: 1, free: 0, size: 20 },
    aheadInPool: 13,
    want: 'Waiting for a slot: 0 of 20 free, 13 ahead of you.',
    wantPool: 'runs',
  },
  {
    story: 'a tenant at its cap',
    reason: capped,
    aheadInPool: 2,
    want: 'Waiting for tenant team-a to use less of linux/arm64: 1 of the 4 it may use at once free and it asks for 2, 2 ahead of you there.',
    wantPool: 'linux/arm64',
  },
  {
    story: 'room that is kept for another',
    reason: reserved,
    aheadInPool: 2,
    want: 'Waiting although linux/arm64 has room: it is kept for run big-1, which has waited longer and should get it about <1000>.',
    wantPool: 'linux/arm64',
  },
  {
    story: 'behind its own kind, waiting for the same pool: the count says it all',
    reason: behind(2, full),
    aheadInPool: 5,
    want: 'Waiting for linux/s390x: 0 of 8 free, 5 ahead of you there.',
    wantPool: 'linux/s390x',
  },
  {
    story: 'behind one of its own kind, without a plan',
    reason: behind(1, full),
    want: 'Waiting for linux/s390x: 0 of 8 free. 1 run of the same kind goes first.',
    wantPool: 'linux/s390x',
  },
  {
    story: 'behind its own kind, which is held back for another',
    reason: behind(2, reserved),
    aheadInPool: 4,
    want: 'Waiting although linux/arm64 has room: it is kept for run big-1, which has waited longer and should get it about <1000>. 2 runs of the same kind go first.',
    wantPool: 'linux/arm64',
  },
];

test.each(table)('$story', ({ reason, aheadInPool = null, want, wantPool, ...row }) => {
  const sentence = reasonSentence(reason, {
    aheadInPool,
    controls: { pauses: row.pauses ?? configuredPauses, fronts: row.fronts ?? [] },
    sayInstant: (atMs) => `<${atMs}>`,
  });
  expect(sentence).toBe(want);
  expect(poolWaitedFor(reason)).toBe(wantPool);
});

test('the table above leaves no kind of reason out', () => {
  const kinds = new Set(table.map((row) => row.reason.kind));
  const wantKinds: Record<HoldReason['kind'], true> = {
    paused: true,
    'unknown-pool': true,
    malformed: true,
    'unknown-priority': true,
    'never-fits': true,
    'never-fits-cap': true,
    'capacity-in-doubt': true,
    'pool-full': true,
    'tenant-cap': true,
    reserved: true,
    behind: true,
  };
  expect([...kinds].sort()).toEqual(Object.keys(wantKinds).sort());
});
