/** The start request: what it tests, what it changes, what its answers mean. */
import { describe, expect, test } from 'vitest';
import type { ApiOutcome } from '../../../../src/adapters/tekton/kubernetes/api.ts';
import { seenRun } from '../../../../src/adapters/tekton/runs/seen-run.ts';
import { startOutcome } from '../../../../src/adapters/tekton/runs/start-answer.ts';
import { startPatch } from '../../../../src/adapters/tekton/runs/start-patch.ts';
import { type RawRunChanges, rawRun } from '../raw-run.ts';

const needs = { requests: { runs: 1 }, priority: null, faults: [] };
const spec = { status: 'PipelineRunPending' };
const uid = '429faf3a-620d-4ccd-ac89-c7ba4db11c90';

function patchOf(changes: RawRunChanges, startedBy: string | null) {
  const run = seenRun(rawRun({ spec, ...changes }), { contentHash: 'c', needs }, { defaultTimeoutMs: null });
  return startPatch(run, { startBeforeMs: Date.parse('2026-11-20T14:00:07.900Z'), startedBy });
}

describe('the patch', () => {
  test('of a run that Penstock held', () => {
    const changes = {
      labels: { 'penstock.dev/held': 'true' },
      annotations: { a: 'b', 'penstock.dev/reason': 'Waiting for a slot', 'penstock.dev/position': '3' },
    };
    expect(patchOf(changes, 'penstock-0-abc')).toEqual([
      { op: 'test', path: '/metadata/uid', value: uid },
      { op: 'test', path: '/spec/status', value: 'PipelineRunPending' },
      { op: 'test', path: '/metadata/labels/penstock.dev~1held', value: 'true' },
      { op: 'add', path: '/metadata/annotations/penstock.dev~1start-before', value: '2026-11-20T14:00:07Z' },
      { op: 'add', path: '/metadata/annotations/penstock.dev~1started-by', value: 'penstock-0-abc' },
      { op: 'remove', path: '/metadata/annotations/penstock.dev~1reason' },
      { op: 'remove', path: '/metadata/annotations/penstock.dev~1position' },
      { op: 'remove', path: '/spec/status' },
    ]);
  });

  test('of an adopted run without annotations, by the only process there is', () => {
    expect(patchOf({}, null)).toEqual([
      { op: 'test', path: '/metadata/uid', value: uid },
      { op: 'test', path: '/spec/status', value: 'PipelineRunPending' },
      {
        op: 'add',
        path: '/metadata/annotations',
        value: { 'penstock.dev/start-before': '2026-11-20T14:00:07Z' },
      },
      { op: 'remove', path: '/spec/status' },
    ]);
  });
});

function status(code: number): ApiOutcome {
  return { kind: 'api-status', code, reason: 'R', message: 'm', retryAfterMs: null, serverDateMs: null };
}

const answers: readonly (readonly [story: string, answer: ApiOutcome, kind: string])[] = [
  ['done', { kind: 'ok', status: 200, body: {}, serverDateMs: null }, 'accepted'],
  ['never sent', { kind: 'unsent', why: 'connection refused' }, 'refused'],
  ['sent, no answer', { kind: 'unanswered', why: 'reset' }, 'unknown'],
  ["Tekton's webhook says no", status(400), 'refused'],
  ["the cluster's policy says no", status(403), 'refused'],
  ['gone', status(404), 'refused'],
  ['another version', status(409), 'refused'],
  ['a test failed', status(422), 'refused'],
  ['too many requests', status(429), 'refused'],
  ['internal error', status(500), 'unknown'],
  ['bad gateway', status(502), 'unknown'],
  ['unavailable', status(503), 'unknown'],
  ['gave up though it may be committed', status(504), 'unknown'],
];

describe('an answer to it', () => {
  test.each(answers)('%s', (_story, answer, kind) => {
    expect(startOutcome(answer).kind).toBe(kind);
  });
});
