/** What is worth telling on a run, and in which words. */
import { describe, expect, test } from 'vitest';
import { eventMessage, noteAnnotations } from '../../../../src/adapters/tekton/notes/note-texts.ts';
import { urgencyOf } from '../../../../src/adapters/tekton/notes/worth-writing.ts';
import { runId } from '../../../../src/core/model/run.ts';
import type { RunNote } from '../../../../src/ports/engine.ts';

const nowMs = Date.parse('2026-11-20T14:00:00Z');
const MINUTE_MS = 60_000;

function note(changes: Partial<RunNote> = {}): RunNote {
  const p50 = nowMs + 40 * MINUTE_MS;
  const times = { p10: p50 - 10 * MINUTE_MS, p50, p90: p50 + 20 * MINUTE_MS };
  return {
    id: runId('shop/a@1'),
    because: 'Waiting for a slot: 0 of 20 free, 13 ahead of you.',
    reasonKey: 'pool-full runs 20',
    position: 14,
    startsAtMs: times,
    finishesAtMs: { p10: times.p10 + MINUTE_MS, p50: p50 + MINUTE_MS, p90: times.p90 + MINUTE_MS },
    ...changes,
  };
}

const told = { reasonKey: 'pool-full runs 20' };
const onRun = { reason: 'Waiting for a slot', position: '14', startsAt: '2026-11-20T14:40:00Z' };

describe('urgency', () => {
  test.each([
    ['nothing was told yet', note(), {}, told, 'untold'],
    ['nothing has changed', note(), onRun, told, null],
    ['after a restart, what stands there is still right', note(), onRun, undefined, null],
    ['it waits for something else', note({ reasonKey: 'pool-full linux/arm64 7' }), onRun, told, 'reason'],
    ['one place further back in the queue', note({ position: 13 }), onRun, told, null],
    ['a tenth of the queue further', note({ position: 12 }), onRun, told, 'times'],
    ['one place at the front', note({ position: 2 }), { ...onRun, position: '3' }, told, 'times'],
    [
      'its start has moved by less than a tenth',
      note(),
      { ...onRun, startsAt: '2026-11-20T14:37:00Z' },
      told,
      null,
    ],
    ['its start has moved by more', note(), { ...onRun, startsAt: '2026-11-20T14:35:00Z' }, told, 'times'],
    ['no start is in sight any more', note({ startsAtMs: null, position: null }), onRun, told, 'times'],
    ['what stands there is nonsense', note(), { ...onRun, position: 'soon' }, told, 'times'],
  ] as const)('%s', (...row) => {
    const [, given, written, before, want] = row;
    expect(urgencyOf(given, written, before, nowMs)).toBe(want);
  });
});

test('annotations are to the second and in UTC; what is not known is taken away', () => {
  expect(noteAnnotations(note())).toEqual({
    'penstock.dev/reason': 'Waiting for a slot: 0 of 20 free, 13 ahead of you.',
    'penstock.dev/position': '14',
    'penstock.dev/starts-at': '2026-11-20T14:40:00Z',
    'penstock.dev/finishes-at': '2026-11-20T14:41:00Z',
  });
  expect(noteAnnotations(note({ position: null, startsAtMs: null, finishesAtMs: null }))).toMatchObject({
    'penstock.dev/position': null,
    'penstock.dev/starts-at': null,
    'penstock.dev/finishes-at': null,
  });
});

test('an event tells the place and the range', () => {
  expect(eventMessage(note())).toBe(
    'Waiting for a slot: 0 of 20 free, 13 ahead of you. Place 14 in the queue. Starts about 2026-11-20T14:40:00Z (between 2026-11-20T14:30:00Z and 2026-11-20T15:00:00Z in 8 of 10 forecasts).',
  );
});
