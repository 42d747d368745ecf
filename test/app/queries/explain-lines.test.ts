/** The whole explanation, word for word, in every state of a run. */
import { expect, test } from 'vitest';
import { type ExplainFacts, explainLines, stateSentence } from '../../../src/app/queries/explain-lines.ts';
import { sayWhenIn } from '../../../src/app/queries/say-when.ts';
import type { RunView } from '../../../src/app/views.ts';
import { runId } from '../../../src/core/model/run.ts';

const say = sayWhenIn('UTC');
const nowMs = Date.parse('2026-03-12T16:20:00Z');
const at = (time: string): number => Date.parse(`2026-03-12T${time}Z`);

function aRunView(changes: Partial<RunView> = {}): RunView {
  return {
    id: runId('r-1'),
    project: 'shop',
    tenant: 'retail',
    priority: 'normal',
    requests: { runs: 1 },
    contentHash: 'c1',
    timeoutMs: null,
    state: 'held',
    ours: true,
    heldSinceMs: at('16:00:00'),
    startedAtMs: null,
    finishedAtMs: null,
    outcome: null,
    outcomeReason: null,
    usage: null,
    ...changes,
  };
}

function linesOf(run: RunView, changes: Partial<ExplainFacts> = {}): readonly string[] {
  const facts: ExplainFacts = {
    nowMs,
    run,
    because: stateSentence(run, nowMs, say),
    decidedUpon: run.state === 'held' && run.ours,
    position: null,
    queueLength: 280,
    startsAtMs: null,
    finishesAtMs: null,
    boundAtMs: null,
    front: null,
    expiresAtMs: null,
    ownSamples: 12,
    pooledSamples: 252,
    caveats: [],
    ...changes,
  };
  return explainLines(facts, say);
}

const starts = { p10: at('16:35:00'), p50: at('16:40:00'), p90: at('17:10:00') };
const finishes = { p10: at('16:41:00'), p50: at('16:52:00'), p90: at('17:30:00') };

test('a run that was moved to the front and may not wait for ever', () => {
  const front = { runId: runId('r-1'), by: 'ann', atMs: at('14:02:00') };
  const because = 'Waiting for a slot: 0 of 8 free, nobody ahead of you.';
  const lines = linesOf(aRunView(), { because, front, position: 1, expiresAtMs: at('18:00:00') });
  expect(lines).toEqual([
    because,
    'It was moved to the front by ann at 14:02.',
    'You are 1st in the queue of 280.',
    'It may wait until 18:00: if it has not started by then, it is cancelled for its age.',
  ]);
});

test('a run whose turn is expected only after its maximum age', () => {
  const changes = { position: 14, startsAtMs: starts, finishesAtMs: finishes, expiresAtMs: at('16:38:00') };
  expect(linesOf(aRunView(), changes)).toContain(
    'It may wait until 16:38: if it has not started by then, it is cancelled for its age. By the forecast its turn comes only after that.',
  );
  expect(linesOf(aRunView(), { expiresAtMs: at('16:38:00') }).at(-1)).toMatch(/^It may wait until 16:38/);
});

test('a run in the middle of the queue', () => {
  const lines = linesOf(aRunView(), {
    because: 'Waiting for linux/s390x: 0 of 8 free, 3 ahead of you there.',
    position: 14,
    startsAtMs: starts,
    finishesAtMs: finishes,
    boundAtMs: at('18:05:00'),
  });
  expect(lines).toEqual([
    'Waiting for linux/s390x: 0 of 8 free, 3 ahead of you there.',
    'You are 14th in the queue of 280.',
    'It should start about 16:40 (between 16:35 and 17:10 in 8 of 10 forecasts).',
    'It should finish about 16:52 (between 16:41 and 17:30 in 8 of 10 forecasts).',
    'At the latest it starts at 18:05, if the pools keep their size and nobody starts runs outside Penstock.',
    'These times rest on 12 earlier runs of this pipeline and 240 of others.',
    'Nothing new is assumed to arrive.',
  ]);
});

test.each([
  [1, 0, 'These times rest on 1 earlier run of this pipeline.'],
  [1, 1, 'These times rest on 1 earlier run of this pipeline and 1 of others.'],
  [0, 1, 'These times rest on 1 earlier run of other pipelines: none of this one has been measured yet.'],
  [0, 0, 'These times are a first guess: no run has been measured yet.'],
])('%i samples of its own and %i of others', (ownSamples, otherSamples, want) => {
  const pooledSamples = ownSamples + otherSamples;
  const lines = linesOf(aRunView(), { position: 1, startsAtMs: starts, ownSamples, pooledSamples });
  expect(lines.at(-2)).toBe(want);
});

test('the only run there is', () => {
  const lines = linesOf(aRunView(), { because: 'It waits.', position: 1, queueLength: 1 });
  expect(lines).toEqual(['It waits.', 'You are the only one in the queue.']);
});

test('a run without a start in sight', () => {
  const because =
    'Everything is paused: nothing starts until somebody takes the pause back in penstock.yaml.';
  expect(linesOf(aRunView(), { because, startsAtMs: starts })).toEqual([
    because,
    'No start is in sight for it, so it has no place in the queue of 280.',
  ]);
});

test('what is wrong with Penstock itself comes last', () => {
  const caveats = ['The engine does not answer.'];
  expect(linesOf(aRunView(), { because: 'It waits.', position: 2, caveats })).toEqual([
    'It waits.',
    'You are 2nd in the queue of 280.',
    'The engine does not answer.',
  ]);
});

test('a run that was let go a moment ago', () => {
  const lines = linesOf(aRunView({ state: 'starting' }), { finishesAtMs: finishes, pooledSamples: 12 });
  expect(lines).toEqual([
    'It has been let go and has not been seen running yet.',
    'It should finish about 16:52 (between 16:41 and 17:30 in 8 of 10 forecasts).',
    'These times rest on 12 earlier runs of this pipeline.',
  ]);
});

test('a run that runs', () => {
  const run = aRunView({ state: 'running', startedAtMs: at('16:08:00'), timeoutMs: 3_600_000 });
  expect(linesOf(run, { finishesAtMs: finishes })).toEqual([
    'Running since 16:08, for 12 minutes.',
    'It should finish about 16:52 (between 16:41 and 17:30 in 8 of 10 forecasts).',
    'Its timeout stops it at 17:08 if it is not done by then.',
    'These times rest on 12 earlier runs of this pipeline and 240 of others.',
  ]);
});

test('a run that somebody else started', () => {
  const run = aRunView({ state: 'running', startedAtMs: at('16:19:59'), ours: false });
  expect(linesOf(run)).toEqual([
    'Running since 16:19:59, for 1 second.',
    'It was started outside Penstock, which only counts what it uses.',
  ]);
});

test('a run that succeeded', () => {
  const run = aRunView({
    state: 'succeeded',
    outcome: 'succeeded',
    startedAtMs: at('16:03:00'),
    finishedAtMs: at('16:05:00'),
    usage: { cpuSeconds: 3.456, peakMemoryBytes: 120_000_001 },
  });
  expect(linesOf(run)).toEqual([
    'It succeeded at 16:05 after running for 2 minutes.',
    'It had waited 3 minutes for its start, which counts toward no timeout.',
    'It used 3.46 s of CPU time and at most 121 MB of memory.',
  ]);
});

test('a run that failed says why', () => {
  const run = aRunView({
    state: 'failed',
    outcome: 'failed',
    outcomeReason: 'step "unit" of task "test" exited with status 1',
    startedAtMs: at('16:00:00'),
    finishedAtMs: at('16:00:40'),
  });
  expect(linesOf(run)).toEqual([
    'It failed at 16:00 after running for 40 seconds: step "unit" of task "test" exited with status 1.',
    'It had waited less than a second for its start, which counts toward no timeout.',
  ]);
});

test('a run of somebody else that exceeded its timeout waited for nobody', () => {
  const run = aRunView({
    state: 'timed-out',
    outcome: 'timed-out',
    ours: false,
    startedAtMs: at('14:00:00'),
    finishedAtMs: at('15:00:00'),
    usage: { cpuSeconds: 1234.5, peakMemoryBytes: 0 },
  });
  expect(linesOf(run)).toEqual([
    'It exceeded its timeout and was stopped at 15:00 after running for 1 hour.',
    'It used 1235 s of CPU time and at most 0 MB of memory.',
  ]);
});

test('a run that was cancelled before it started', () => {
  const run = aRunView({
    state: 'cancelled',
    outcome: 'cancelled',
    outcomeReason: 'Not needed any more.',
    finishedAtMs: at('16:19:55'),
  });
  expect(linesOf(run)).toEqual(['It was cancelled at 16:19:55 before it started: Not needed any more.']);
});
