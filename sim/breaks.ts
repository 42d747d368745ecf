/**
 * Switches that deliberately break the loop, to show that the checks would notice. All of
 * them are lies told to the real loop by the ports it is given, or an engine that does not
 * keep its promises: nothing of it is in production code.
 */
import type { Engine, Observation } from '../src/ports/engine.ts';
import type { Controls, StartMark, Store } from '../src/ports/store.ts';
import { aroundCalls } from './around-calls.ts';

export interface Break {
  readonly name: string;
  readonly meaning: string;
  readonly blindStarts?: boolean;
  readonly store?: (store: Store) => Store;
  readonly engine?: (engine: Engine) => Engine;
}

export const BREAKS: readonly Break[] = [
  {
    name: 'forget-starting',
    meaning: 'starts whose effect has not been seen do not count: the marks read back are always none',
    store: (store) =>
      aroundCalls(store, (call) => (call.method === 'marks' ? Promise.resolve([]) : call.perform())),
  },
  {
    name: 'no-wait-after-restart',
    meaning: 'a restarted process takes the deadlines of its predecessor for long past',
    store: (store) => {
      let asked = false;
      return aroundCalls(store, async (call) => {
        const answer = await call.perform();
        if (call.method !== 'marks' || asked) return answer;
        asked = true;
        return (answer as readonly StartMark[]).map((mark) => ({ ...mark, deadlineMs: 0 }));
      });
    },
  },
  {
    name: 'trust-stale-observations',
    meaning: 'each observation claims to be newer than the one before, however old it is',
    engine: (engine) => {
      let claimed = 0;
      return withObserve(engine, async (observe) => {
        const seen = await observe();
        claimed = Math.max(claimed + 1, seen.revision);
        return { revision: claimed, runs: seen.runs };
      });
    },
  },
  {
    name: 'stale-lists-count-as-fresh',
    meaning: 'a fresh observation is answered with one that lags',
    engine: (engine) => ({
      ...bound(engine),
      observe: (_options, signal) => engine.observe({ fresh: false }, signal),
    }),
  },
  {
    name: 'lost-answers-are-refusals',
    meaning: 'a start whose answer was lost is taken for one that had no effect',
    engine: (engine) => ({
      ...bound(engine),
      start: async (id, request, signal) => {
        const outcome = await engine.start(id, request, signal);
        return outcome.kind === 'unknown' ? { kind: 'refused', why: outcome.why } : outcome;
      },
    }),
  },
  {
    name: 'orders-read-once',
    meaning: 'what operators ordered is what it was when the process began',
    store: (store) => {
      let first: Controls | null = null;
      return aroundCalls(store, async (call) => {
        const answer = await call.perform();
        if (call.method !== 'controls') return answer;
        first ??= answer as Controls;
        return first;
      });
    },
  },
  {
    name: 'fronts-ignored',
    meaning: 'nobody was ever moved to the front',
    store: (store) =>
      aroundCalls(store, async (call) => {
        const answer = await call.perform();
        return call.method === 'controls' ? { ...(answer as Controls), fronts: [] } : answer;
      }),
  },
  {
    name: 'age-cancels-nothing',
    meaning: 'the engine answers that a run was cancelled for its age, and keeps it',
    engine: (engine) => ({ ...bound(engine), cancel: async () => ({ kind: 'accepted' }) }),
  },
  {
    name: 'merge-patch-start',
    meaning: 'the engine starts whatever it is asked to, without any precondition',
    blindStarts: true,
  },
];

export function breakNamed(name: string): Break | undefined {
  return BREAKS.find((candidate) => candidate.name === name);
}

function withObserve(
  engine: Engine,
  around: (observe: () => Promise<Observation>) => Promise<Observation>,
): Engine {
  return {
    ...bound(engine),
    observe: (options, signal) => around(() => engine.observe(options, signal)),
  };
}

/** The engine's methods as plain functions, so that some can be replaced. */
function bound(engine: Engine): Engine {
  return {
    kind: engine.kind,
    create: (runs, signal) => engine.create(runs, signal),
    observe: (options, signal) => engine.observe(options, signal),
    start: (id, request, signal) => engine.start(id, request, signal),
    cancel: (id, reason, signal, options) => engine.cancel(id, reason, signal, options),
    onChange: (listener) => engine.onChange(listener),
    close: () => engine.close(),
    can: engine.can,
  };
}
