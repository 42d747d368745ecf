/**
 * The simulated engine with a creation that is slow, fails, or whose answer is lost although
 * it took effect, perhaps after the process that asked for it has died.
 */
import { CodedError } from '../../src/core/errors/catalogue.ts';
import { type Random, randomStream } from '../../src/core/random/random.ts';
import type { Engine } from '../../src/ports/engine.ts';
import { between, chance } from '../draws.ts';
import type { Scheduler } from '../scheduler.ts';
import type { LaunchPlan } from './plan.ts';

export interface CreationWeather {
  isOut(): boolean;
  isCalm(): boolean;
}

export function unreliableEngine(
  engine: Engine,
  parts: {
    readonly plan: LaunchPlan;
    readonly scheduler: Scheduler;
    readonly weather: CreationWeather;
    /** Of the process that asks. */
    readonly isAlive: () => boolean;
  },
): Engine {
  const random = randomStream(parts.plan.seed, `creation ${parts.scheduler.nowMs()}`);
  const create: Engine['create'] = (runs, signal) => {
    const { arriveAfterMs, answerAfterMs } = fateOf(random, parts);
    return new Promise((resolve, reject) => {
      if (arriveAfterMs === null) {
        if (answerAfterMs !== null) {
          parts.scheduler.after(answerAfterMs, () =>
            reject(new CodedError('server-unreachable', 'engine down')),
          );
        }
        return;
      }
      parts.scheduler.after(arriveAfterMs, () => {
        if (parts.plan.creationEndsWithProcess && !parts.isAlive()) return;
        engine.create(runs, signal).then((outcomes) => {
          if (answerAfterMs !== null) parts.scheduler.after(answerAfterMs, () => resolve(outcomes));
        }, reject);
      });
    });
  };
  return {
    kind: engine.kind,
    create,
    observe: (options, signal) => engine.observe(options, signal),
    start: (id, request, signal) => engine.start(id, request, signal),
    cancel: (id, reason, signal, options) => engine.cancel(id, reason, signal, options),
    onChange: (listener) => engine.onChange(listener),
    close: () => engine.close(),
    can: engine.can,
  };
}

/** Null: it never gets there, or nobody ever hears of it. */
function fateOf(
  random: Random,
  { plan, weather }: { readonly plan: LaunchPlan; readonly weather: CreationWeather },
): { readonly arriveAfterMs: number | null; readonly answerAfterMs: number | null } {
  const arriveAfterMs = between(random, 0, weather.isCalm() ? 50 : Math.min(plan.slownessMs, 5_000));
  const answerAfterMs = between(random, 0, weather.isCalm() ? 50 : plan.slownessMs);
  if (weather.isOut())
    return { arriveAfterMs: null, answerAfterMs: chance(random, 0.5) ? null : answerAfterMs };
  if (weather.isCalm() || !plan.faults.has('lostCreations')) return { arriveAfterMs, answerAfterMs };
  if (chance(random, 0.2)) return { arriveAfterMs: null, answerAfterMs };
  return { arriveAfterMs, answerAfterMs: chance(random, 0.3) ? null : answerAfterMs };
}
