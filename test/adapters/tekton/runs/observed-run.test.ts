/** From PipelineRuns to runs: states, endings, whose they are. */
import { describe, expect, test } from 'vitest';
import { observedRun } from '../../../../src/adapters/tekton/runs/observed-run.ts';
import { type SeenRun, seenRun } from '../../../../src/adapters/tekton/runs/seen-run.ts';
import { type SeenNamespace, seenNamespace } from '../../../../src/adapters/tekton/seen-namespace.ts';
import type { ObservedRun } from '../../../../src/ports/engine.ts';
import { CREATED_AT, ended, type RawRunChanges, rawRun } from '../raw-run.ts';

const HELD = { 'penstock.dev/held': 'true' };
const PENDING = { status: 'PipelineRunPending' };
const needs = { requests: { runs: 1 }, priority: null, faults: [] };

function seen(changes: RawRunChanges): SeenRun {
  return seenRun(rawRun(changes), { contentHash: 'c1', needs }, { defaultTimeoutMs: 3_600_000 });
}

function namespace(labels: Readonly<Record<string, string>> = {}, annotations = {}): SeenNamespace {
  return seenNamespace({ metadata: { name: 'shop', uid: 'n', resourceVersion: '1', labels, annotations } });
}

function observed(
  changes: RawRunChanges,
  where: SeenNamespace | undefined = namespace(),
): ObservedRun | null {
  return observedRun(seen(changes), where, {
    tenantOf: () => null,
    defaultPriority: 'normal',
    nowMs: () => 0,
  });
}

const states: readonly (readonly [story: string, changes: RawRunChanges, state: string])[] = [
  ['pending, not looked at by Tekton yet', { spec: PENDING }, 'held'],
  [
    'pending, and Tekton says so',
    {
      spec: PENDING,
      status: { conditions: [{ type: 'Succeeded', status: 'Unknown', reason: 'PipelineRunPending' }] },
    },
    'held',
  ],
  [
    'let go, while the condition still says pending',
    { status: { conditions: [{ type: 'Succeeded', status: 'Unknown', reason: 'PipelineRunPending' }] } },
    'starting',
  ],
  ['running', { status: { startTime: CREATED_AT } }, 'running'],
  [
    'succeeded',
    { status: ended({ status: 'True', reason: 'Completed' }, { start: CREATED_AT }) },
    'succeeded',
  ],
  ['failed', { status: ended({ status: 'False', reason: 'Failed' }, { start: CREATED_AT }) }, 'failed'],
  [
    'timed out',
    { status: ended({ status: 'False', reason: 'PipelineRunTimeout' }, { start: CREATED_AT }) },
    'timed-out',
  ],
  [
    'cancelled',
    { status: ended({ status: 'False', reason: 'Cancelled' }, { start: CREATED_AT }) },
    'cancelled',
  ],
  [
    'failed while pending by another controller, without a start',
    {
      spec: PENDING,
      status: ended({ status: 'False', reason: 'PipelineValidationFailed' }, { children: 0 }),
    },
    'failed',
  ],
  ['cancelled while held, which Tekton has not said yet', { spec: { status: 'Cancelled' } }, 'cancelled'],
  [
    'cancelled with its finally tasks still to run: it uses capacity',
    { spec: { status: 'CancelledRunFinally' } },
    'starting',
  ],
];

describe('the state of a run', () => {
  test.each(states)('%s', (_story, changes, state) => {
    expect(observed(changes)?.state).toBe(state);
  });
});

describe('what never ran is no measured duration', () => {
  const at = '2026-11-20T14:05:00Z';
  test.each([
    ['cancelled while held', { status: 'False', reason: 'Cancelled' }],
    ['its pipeline is not to be found', { status: 'False', reason: 'CouldntGetPipeline' }],
  ] as const)('%s', (_story, condition) => {
    const run = observed({ status: ended(condition, { start: at, end: at, children: 0 }) });
    expect(run?.startedAtMs).toBeNull();
    expect(run?.finishedAtMs).toBe(Date.parse(at));
  });

  test('a run that failed within a second after a task began did run', () => {
    const run = observed({ status: ended({ status: 'False', reason: 'Failed' }, { start: at, end: at }) });
    expect(run?.startedAtMs).toBe(Date.parse(at));
  });
});

test('a run that was let go and set back to pending is never started twice, and says so', () => {
  const annotations = { 'penstock.dev/start-before': '2026-11-20T14:00:07Z' };
  const run = observed({ labels: HELD, spec: PENDING, annotations });
  expect(run?.state).toBe('held');
  expect(run?.fault).toMatch(/started once.*create it anew without that annotation/);
});

describe('whose run it is', () => {
  const stories: readonly (readonly [string, RawRunChanges, Readonly<Record<string, string>>, boolean])[] = [
    ['with our label', { labels: HELD, spec: PENDING }, {}, true],
    ['pending by its own YAML, in an ordinary namespace', { spec: PENDING }, {}, false],
    ['the same, in a held namespace', { spec: PENDING }, { 'penstock.dev/hold': 'enabled' }, false],
    ["the ADR's way, where it is switched on", { spec: PENDING }, { 'penstock.dev/adopt': 'pending' }, true],
    [
      "the ADR's way, with another queue's mark",
      { spec: PENDING, labels: { 'kueue.x-k8s.io/queue-name': 'main' } },
      { 'penstock.dev/adopt': 'pending' },
      false,
    ],
    [
      'queued by Pipelines-as-Code',
      { spec: PENDING, annotations: { 'pipelinesascode.tekton.dev/state': 'queued' } },
      { 'penstock.dev/adopt': 'pending' },
      false,
    ],
    ['our label with any other value', { labels: { 'penstock.dev/held': 'yes' }, spec: PENDING }, {}, false],
  ];
  test.each(stories)('%s', (_story, changes, labels, ours) => {
    expect(observed(changes, namespace(labels))?.ours).toBe(ours);
  });

  test('a run another controller executes is no run here', () => {
    const spec = { managedBy: 'kueue.x-k8s.io/multikueue', ...PENDING };
    expect(observed({ labels: HELD, spec })).toBeNull();
    expect(observed({ spec: { managedBy: 'tekton.dev/pipeline' } })?.state).toBe('starting');
  });
});

test('a run says who it is, what it is for, and why it was cancelled', () => {
  const run = observed({
    labels: HELD,
    annotations: { 'penstock.dev/cancel-reason': 'asked by ann', 'penstock.dev/max-age': '2h' },
    status: ended(
      { status: 'False', reason: 'Cancelled', message: 'it was' },
      { start: CREATED_AT, end: CREATED_AT },
    ),
  });
  expect(run).toEqual({
    id: 'shop/build-x@429faf3a',
    project: 'shop',
    tenant: 'shop',
    priority: 'normal',
    requests: { runs: 1 },
    contentHash: 'c1',
    timeoutMs: 3_600_000,
    state: 'cancelled',
    ours: true,
    fault: null,
    maxHeldMs: 7_200_000,
    heldSinceMs: Date.parse(CREATED_AT),
    startedAtMs: Date.parse(CREATED_AT),
    finishedAtMs: Date.parse(CREATED_AT),
    result: { outcome: 'cancelled', reason: 'asked by ann', usage: null },
  });
});

test('a timeout of 0 means none, and one that is not written is the default of the cluster', () => {
  expect(observed({ spec: { timeouts: { pipeline: '0s' } } })?.timeoutMs).toBeNull();
  expect(observed({ spec: { timeouts: undefined } })?.timeoutMs).toBe(3_600_000);
});

test('tenant: what the configuration says, else the label of the namespace, else the namespace', () => {
  const where = namespace({ 'penstock.dev/tenant': 'retail' });
  const placed = (tenant: string | null) =>
    observedRun(seen({}), where, { tenantOf: () => tenant, defaultPriority: 'normal', nowMs: () => 0 })
      ?.tenant;
  expect(placed('configured')).toBe('configured');
  expect(placed(null)).toBe('retail');
});

test('a namespace can be paused and capped by annotations; a malformed cap caps nothing and is told', () => {
  expect(
    namespace({}, { 'penstock.dev/paused': 'database upgrade', 'caps.penstock.dev/runs': '5' }),
  ).toMatchObject({
    paused: { why: 'database upgrade' },
    caps: { runs: 5 },
    faults: [],
  });
  expect(namespace({}, { 'caps.penstock.dev/runs': 'five' })).toMatchObject({
    paused: null,
    caps: {},
    faults: ['namespace shop, annotation caps.penstock.dev/runs: must be a whole number, not "five"'],
  });
  expect(namespace({}, { 'kueue.konflux-ci.dev/stop-policy': 'Hold' }).paused).toEqual({
    why: 'its annotation kueue.konflux-ci.dev/stop-policy: hold',
  });
});
