/** What is said about Penstock itself, word for word. */
import { describe, expect, test } from 'vitest';
import type { AdmissionHealth } from '../../../src/app/admission/view.ts';
import { sayWhenIn } from '../../../src/app/queries/say-when.ts';
import { caveats, retrySentence, startableSentence } from '../../../src/app/queries/system-sentences.ts';
import { runId } from '../../../src/core/model/run.ts';

const say = sayWhenIn('UTC');
const nowMs = Date.parse('2026-03-12T16:20:00Z');

function aHealth(changes: Partial<AdmissionHealth> = {}): AdmissionHealth {
  return {
    mode: 'enforce',
    doubts: [],
    waitingUntilMs: null,
    following: null,
    lastPassAtMs: nowMs,
    stopping: false,
    ...changes,
  };
}

function aDoubt(source: AdmissionHealth['doubts'][number]['source']): AdmissionHealth {
  return aHealth({ doubts: [{ source, error: 'disk full', sinceMs: nowMs - 3_600_000, failures: 3 }] });
}

interface Row {
  readonly story: string;
  readonly health: AdmissionHealth | null;
  readonly want: readonly string[];
  readonly startsNow: boolean;
}

const table: readonly Row[] = [
  { story: 'all is well', health: aHealth(), want: [], startsNow: true },
  {
    story: 'nobody serves',
    health: null,
    want: ['No "penstock serve" is running on this data: nothing starts until one is.'],
    startsNow: false,
  },
  {
    story: 'shadow mode',
    health: aHealth({ mode: 'shadow' }),
    want: ['Penstock only watches here (mode: shadow): it starts nothing.'],
    startsNow: false,
  },
  {
    story: 'stopping',
    health: aHealth({ stopping: true }),
    want: ['Penstock is stopping: nothing starts until it runs again.'],
    startsNow: false,
  },
  {
    story: 'waiting for what a former process asked for',
    health: aHealth({ waitingUntilMs: nowMs + 12_000 }),
    want: [
      'Nothing starts before 16:20:12: until then, starts that Penstock asked for before it was restarted, or that another one asked for, may still take effect.',
    ],
    startsNow: false,
  },
  {
    story: 'another process leads',
    health: aHealth({ following: { leader: 'penstock-b' } }),
    want: ['Another Penstock leads here (penstock-b); this one only watches, so its times may be behind.'],
    startsNow: false,
  },
  {
    story: 'that wait is over, the look after it is still to come',
    health: aHealth({ waitingUntilMs: nowMs }),
    want: [],
    startsNow: false,
  },
  {
    story: 'the engine is silent',
    health: aDoubt('engine'),
    want: [
      'Since 15:20 the engine does not answer (disk full): nothing starts, and this may be out of date.',
    ],
    startsNow: false,
  },
  {
    story: 'the capacity source is silent',
    health: aDoubt('capacity'),
    want: ['Since 15:20 the sizes of the pools cannot be read (disk full): nothing starts.'],
    startsNow: false,
  },
  {
    story: 'the store fails',
    health: aDoubt('store'),
    want: ['Since 15:20 the store cannot be read or written (disk full): nothing starts.'],
    startsNow: false,
  },
  {
    story: 'deciding fails',
    health: aDoubt('admission'),
    want: ['Since 15:20 deciding fails (disk full): nothing starts.'],
    startsNow: false,
  },
  {
    story: 'history fails, which holds back no start',
    health: aDoubt('history'),
    want: ['Since 15:20 finished runs cannot be recorded (disk full): they are recorded later.'],
    startsNow: true,
  },
];

describe('when', () => {
  test.each(table)('$story', ({ health, want, startsNow }) => {
    expect(caveats(health, nowMs, say)).toEqual(want);
    expect(startableSentence(health)).toBe(
      startsNow ? 'It fits and starts now.' : 'It fits and would start now.',
    );
  });

  test('several things are wrong, what matters most comes first', () => {
    const health = { ...aDoubt('store'), mode: 'shadow', stopping: true } as const;
    expect(caveats(health, nowMs, say).map((line) => line.slice(0, 11))).toEqual([
      'Penstock on',
      'Penstock is',
      'Since 15:20',
    ]);
  });
});

test.each([
  [1, 'It could not be started (quota exceeded); it is tried again at 16:20:30.'],
  [3, 'It could not be started (quota exceeded); it is tried again at 16:20:30, after 3 tries.'],
])('after %i failed starts', (attempts, want) => {
  const retry = { runId: runId('r'), attempts, untilMs: nowMs + 30_000, why: 'quota exceeded' };
  expect(retrySentence(retry, nowMs, say)).toBe(want);
});
