/** The API server's clock from the dates of its answers. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ServerClock } from '../../../src/adapters/tekton/server-clock.ts';

function clockAt(now: { ms: number }) {
  return new ServerClock({ nowMs: () => now.ms, at: () => () => {} });
}

test('nothing is known before the first answer, and an answer without a date tells nothing', () => {
  const clock = clockAt({ ms: 0 });
  expect(clock.fromOurs(5)).toBeNull();
  clock.heard(null);
  expect(clock.fromOurs(5)).toBeNull();
});

test('a moment is never translated to a later one than it is, and after many answers nearly exactly', () => {
  const latency = fc.array(fc.integer({ min: 0, max: 80 }), { minLength: 40, maxLength: 60 });
  fc.assert(
    fc.property(
      fc.integer({ min: -100_000, max: 100_000 }),
      latency,
      fc.integer({ min: 1, max: 999 }),
      (ahead, latencies, step) => {
        const now = { ms: 1_700_000_000_000 };
        const clock = clockAt(now);
        for (const latencyMs of latencies) {
          now.ms += 100 + step;
          const serverMs = now.ms - latencyMs + ahead;
          clock.heard(Math.floor(serverMs / 1000) * 1000);
          const told = clock.fromOurs(now.ms);
          expect(told).not.toBeNull();
          expect((told as number) - (now.ms + ahead)).toBeLessThanOrEqual(0);
        }
        expect(now.ms + ahead - (clock.fromOurs(now.ms) as number)).toBeLessThanOrEqual(1_080);
      },
    ),
  );
});
