/**
 * What happens around Penstock: crashes and restarts, outages, other people's runs, people
 * who start, cancel or delete what Penstock holds, sizes and clocks that change.
 *
 * Besides coming at any time, each of these is aimed at start requests that are under way,
 * since that is where mistakes would be made.
 */
import { isFinished, type RunId, runId } from '../src/core/model/run.ts';
import { type Random, randomStream } from '../src/core/random/random.ts';
import { aRun, aWork } from './arrivals.ts';
import { between, chance, pick, scaled } from './draws.ts';
import type { EngineState } from './engine-state.ts';
import type { Operator } from './operator.ts';
import type { Fault, Plan } from './plan.ts';
import type { Scheduler } from './scheduler.ts';
import type { Trace } from './trace.ts';

export interface World {
  readonly plan: Plan;
  readonly scheduler: Scheduler;
  readonly trace: Trace;
  readonly state: EngineState;
  /** Penstock dies now, or at the call of a port that comes after so many more. */
  crash(afterCalls: number | null): void;
  /** Penstock is asked to stop, and comes back later. */
  stop(): void;
  /** Somebody deletes a run. */
  remove(id: RunId): void;
  outage(lastsMs: number): void;
  resize(random: Random): void;
  setClockOffset(offsetMs: number): void;
  readonly operator: Pick<Operator, 'pauseOrResume' | 'moveToFront'>;
}

const HOUR_MS = 3_600_000;
/** Stays below what the loop tolerates, at both ends. */
const CLOCK_OFFSET_MAX_MS = 900;

interface Happening {
  readonly fault: Fault;
  readonly perHour: number;
  /** Chance that it is aimed at a start request just sent. */
  readonly aimed: number;
  happen(world: World, random: Random, target: RunId | null): void;
}

const HAPPENINGS: readonly Happening[] = [
  {
    fault: 'crashes',
    perHour: 0.2,
    aimed: 0.05,
    happen: (world, random) => world.crash(chance(random, 0.4) ? between(random, 0, 12) : null),
  },
  { fault: 'orderlyRestarts', perHour: 0.05, aimed: 0.01, happen: (world) => world.stop() },
  {
    fault: 'outages',
    perHour: 0.15,
    aimed: 0.015,
    happen: (world, random) => world.outage(scaled(random, 500, 600_000)),
  },
  { fault: 'foreignRuns', perHour: 1, aimed: 0.02, happen: createForeignRun },
  {
    fault: 'handStarts',
    perHour: 0.2,
    aimed: 0.03,
    happen: (world, random, target) => world.state.startByHand(target ?? anyRun(world, random, 'held')),
  },
  {
    fault: 'cancels',
    perHour: 0.5,
    aimed: 0.05,
    happen: (world, random, target) => {
      world.state.cancel(target ?? anyRun(world, random, 'any'), 'somebody cancelled it');
    },
  },
  {
    fault: 'deletions',
    perHour: 0.2,
    aimed: 0.02,
    happen: (world, random, target) => world.remove(target ?? anyRun(world, random, 'any')),
  },
  { fault: 'sizeChanges', perHour: 0.3, aimed: 0.02, happen: (world, random) => world.resize(random) },
  {
    fault: 'clockJumps',
    perHour: 0.5,
    aimed: 0.03,
    happen: (world, random) =>
      world.setClockOffset(between(random, -CLOCK_OFFSET_MAX_MS, CLOCK_OFFSET_MAX_MS)),
  },
  {
    fault: 'pauses',
    perHour: 0.6,
    aimed: 0.01,
    happen: (world, random) => world.operator.pauseOrResume(random),
  },
  {
    fault: 'fronts',
    perHour: 1.5,
    aimed: 0.03,
    happen: (world, random) => world.operator.moveToFront(random),
  },
];

export class Outside {
  readonly #world: World;
  readonly #streams = new Map<Fault, Random>();
  readonly #untilMs: number;

  constructor(world: World, untilMs: number) {
    this.#world = world;
    this.#untilMs = untilMs;
    for (const [place, happening] of HAPPENINGS.entries()) {
      if (!world.plan.faults.has(happening.fault)) continue;
      const random = randomStream(world.plan.seed, 'outside', place);
      this.#streams.set(happening.fault, random);
      this.#planNext(happening, random);
    }
  }

  /** A start request is under way: what can go wrong now? */
  startWasSent(id: RunId, deadlineInMs: number): void {
    for (const happening of HAPPENINGS) {
      const random = this.#streams.get(happening.fault);
      if (random === undefined || this.#isOver() || !chance(random, happening.aimed)) continue;
      const inMs = scaled(random, 1, Math.max(2, deadlineInMs));
      this.#world.scheduler.after(inMs, () => this.#happen(happening, random, id));
    }
  }

  #planNext(happening: Happening, random: Random): void {
    const inMs = Math.ceil((-Math.log(1 - random.next()) * HOUR_MS) / happening.perHour);
    this.#world.scheduler.after(inMs, () => {
      this.#happen(happening, random, null);
      if (!this.#isOver()) this.#planNext(happening, random);
    });
  }

  #happen(happening: Happening, random: Random, target: RunId | null): void {
    if (this.#isOver()) return;
    this.#world.trace.add(this.#world.scheduler.nowMs(), `outside ${happening.fault} ${target ?? ''}`);
    happening.happen(this.#world, random, target);
  }

  #isOver(): boolean {
    return this.#world.scheduler.nowMs() >= this.#untilMs;
  }
}

function anyRun(world: World, random: Random, which: 'held' | 'any'): RunId {
  const ids: RunId[] = [];
  for (const run of world.state.runs()) {
    if (which === 'held' ? run.state === 'held' : !isFinished(run.state)) ids.push(run.created.id);
  }
  return ids.length === 0 ? runId('nobody') : pick(random, ids);
}

/** Somebody's run that Penstock did not hold: it starts at once, or waits for its owner and is none of our business. */
function createForeignRun(world: World, random: Random): void {
  const { plan, scheduler, state } = world;
  const id = runId(`foreign-${scheduler.nowMs()}-${between(random, 0, 9_999)}`);
  const run = { ...aRun(plan, random), id };
  state.create(run, false, aWork(plan, run, random));
  if (chance(random, 0.7)) state.startByHand(id);
  else scheduler.after(scaled(random, 1_000, HOUR_MS), () => state.startByHand(id));
}
