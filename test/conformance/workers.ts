/** What every kind of workers does. */
import { describe, expect, test } from 'vitest';
import { inOrder } from '../../src/app/forecasting/in-order.ts';
import { computeForecast, queueJobInput } from '../../src/app/forecasting/queue-forecast.ts';
import { learnDurations } from '../../src/core/duration/learned-durations.ts';
import { type ForecastInput, forecastQueue } from '../../src/core/forecast/forecast.ts';
import { outlook } from '../../src/core/forecast/outlook.ts';
import type { QueueRequest } from '../../src/core/forecast/queue-job.ts';
import { runRows } from '../../src/core/jobs/run-rows.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Workers } from '../../src/ports/workers.ts';
import { aHeldRun, anActiveRun, aPool, aSnapshot } from '../builders/admission.ts';
import { FIRST, logNormal, samplesOf } from '../core/duration/history.ts';

/** Sixty runs of six pipelines, with failures and timeouts, some running, and others that come. */
export function aBusyForecast(replications: number): ForecastInput {
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  const samples = names
    .slice(1)
    .flatMap((name, place) =>
      samplesOf(name, logNormal(1 + 3 * place, { seed: place, medianMs: 60_000, spread: 0.5 })).map(
        (sample, nth) => ({ ...sample, outcome: nth % 4 === 3 ? ('failed' as const) : sample.outcome }),
      ),
    );
  const model = learnDurations(samples, FIRST);
  const held = Array.from({ length: 56 }, (_, nth) => {
    const project = names[nth % names.length] as string;
    const estimate = model.estimate(aHeldRun('any', { project }));
    return aHeldRun(`h${nth}`, { project, heldSinceMs: nth, timeoutMs: nth % 5 ? null : 90_000, estimate });
  });
  const active = names
    .slice(0, 4)
    .map((project, nth) => anActiveRun(`x${nth}`, { project, sinceMs: 1_000 - nth }));
  const coming = Array.from({ length: 9 }, (_, nth) =>
    aHeldRun(`~${nth}`, { project: 'c', tenant: 'other', heldSinceMs: 2_000 + 10_000 * nth }),
  );
  return {
    snapshot: aSnapshot({ pools: [aPool('runs', 4)], held, active }),
    model,
    replications,
    seed: 11,
    coming: { assumption: 'arrivals-as-usual', futures: [[], coming, coming.slice(3)], usual: null },
    startLatencyMs: 40,
  };
}

export function describeWorkers(name: string, open: () => { workers: Workers; clock: Clock }): void {
  describe(name, () => {
    const using = async <T>(work: (parts: { workers: Workers; clock: Clock }) => Promise<T>): Promise<T> => {
      const parts = open();
      try {
        return await work(parts);
      } finally {
        await parts.workers.close();
      }
    };

    test('a forecast has the bytes it has on one thread', () =>
      using(async (parts) => {
        for (const replications of [1, 100, 250]) {
          const input = aBusyForecast(replications);
          const told: number[] = [];
          const onProgress = (done: number): number => told.push(done);
          const found = await computeForecast(input, { ...parts, onProgress });
          expect(JSON.stringify(found)).toBe(JSON.stringify(forecastQueue(input)));
          expect(told).toEqual(
            [100, 200, 250]
              .filter((_, nth) => 100 * nth < replications)
              .map((most) => Math.min(most, replications)),
          );
        }
      }));

    test('an outlook is the one it is on one thread', () =>
      using(async ({ workers }) => {
        const { held, active, ...head } = aBusyForecast(1).snapshot;
        const job = workers.open('outlook', { head, rows: [...runRows({ held, active })] });
        const steps = outlook({ ...head, held, active });
        let step = steps.next();
        while (step.done !== true) step = steps.next();
        expect(await job.ask(null)).toEqual(step.value);
        expect(step.value.order).toHaveLength(56);
        job.close();
      }));

    test('answers come in the order of the requests, and who stops early sees the same', () =>
      using(async ({ workers }) => {
        const requests = Array.from(
          { length: 8 },
          (_, nth): QueueRequest => ({ kind: 'replicate', from: 50 * nth, to: 50 * nth + 50 }),
        );
        const job = workers.open('queue-forecast', queueJobInput(aBusyForecast(400)));
        const finishes: number[] = [];
        for await (const answer of inOrder(job, requests, workers.parallelism)) {
          if (answer.kind !== 'replicate') throw new Error(answer.kind);
          finishes.push(answer.totals.finish[0] as number);
          if (finishes.length === 5) break;
        }
        job.close();
        const whole = workers.open('queue-forecast', queueJobInput(aBusyForecast(400)));
        const [first] = [await whole.ask({ kind: 'replicate', from: 0, to: 250 })];
        if (first?.kind !== 'replicate') throw new Error('no replications');
        expect(finishes).toEqual([0, 50, 100, 150, 200].map((at) => first.totals.finish[at]));
        whole.close();
      }));

    test('what a closed job was asked is rejected, and others go on', () =>
      using(async (parts) => {
        const job = parts.workers.open('queue-forecast', queueJobInput(aBusyForecast(400)));
        const asked = [0, 100, 200].map((from) => job.ask({ kind: 'replicate', from, to: from + 100 }));
        const settled = Promise.allSettled(asked);
        job.close();
        const reasons = (await settled).flatMap((one) =>
          one.status === 'rejected' ? [String(one.reason)] : [],
        );
        expect(new Set(reasons)).toEqual(new Set(['JobClosed: The job was closed before it was answered.']));
        expect(reasons).toHaveLength(3);
        const input = aBusyForecast(20);
        expect(await computeForecast(input, parts)).toEqual(forecastQueue(input));
      }));

    test('a forecast nobody waits for any more is rejected with the reason', () =>
      using(async (parts) => {
        const asker = new AbortController();
        const forecast = computeForecast(aBusyForecast(10_000), {
          ...parts,
          signal: asker.signal,
          onProgress: () => asker.abort(new Error('gone')),
        });
        await expect(forecast).rejects.toThrow('gone');
      }));

    test('a job that fails says why, and its worker goes on', () =>
      using(async (parts) => {
        const input = aBusyForecast(20);
        const broken = { ...input, snapshot: { ...input.snapshot, pools: [aPool('runs', 1.5)] } };
        await expect(computeForecast(broken, parts)).rejects.toThrow('1.5');
        expect(await computeForecast(input, parts)).toEqual(forecastQueue(input));
      }));

    test('many at once are all answered', () =>
      using(async (parts) => {
        const inputs = Array.from({ length: 6 }, (_, seed) => ({ ...aBusyForecast(30), seed }));
        const found = await Promise.all(inputs.map((input) => computeForecast(input, parts)));
        expect(found).toEqual(inputs.map((input) => forecastQueue(input)));
      }));
  });
}
