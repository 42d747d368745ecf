/**
 * Putting runs into the queue: checked, bounded, all or none.
 *
 * Always true: requests are served one after the other, so that two of them together
 * cannot exceed the bound on held runs; a run that has finished is never created again,
 * also when the engine does not show it any more.
 */
import { CodedError } from '../../core/errors/catalogue.ts';
import type { RunId } from '../../core/model/run.ts';
import type { CreateOutcome, NewRun, ObservedRun } from '../../ports/engine.ts';
import { checkNewRuns } from './check-new-runs.ts';
import { namesIn, pastRun } from './past-run.ts';
import type { Surroundings } from './picture.ts';
import { units } from './say-when.ts';
import { untilAborted } from './until-aborted.ts';

export class RunCreation {
  readonly #around: Surroundings;
  readonly #tenantOf: ReadonlyMap<string, string>;
  #last: Promise<void> = Promise.resolve();

  constructor(around: Surroundings, tenantOf: ReadonlyMap<string, string>) {
    this.#around = around;
    this.#tenantOf = tenantOf;
  }

  create(runs: readonly NewRun[], signal: AbortSignal): Promise<readonly CreateOutcome[]> {
    const before = this.#last;
    const mine = untilAborted(signal, before).then(() => this.#createNow(runs, signal));
    // One that gives up waiting opens no way past those before it.
    this.#last = mine.then(
      () => before,
      () => before,
    );
    return mine;
  }

  async #createNow(runs: readonly NewRun[], signal: AbortSignal): Promise<readonly CreateOutcome[]> {
    if (runs.length === 0) return [];
    const { engine, capacity, settings } = this.#around;
    const [reading, observation] = await untilAborted(
      signal,
      Promise.all([capacity.read(signal), engine.observe({ fresh: true }, signal)]),
    );
    const checked = checkNewRuns(runs, {
      pools: reading.map((pool) => pool.name).toSorted(),
      priorities: settings.priorities.map((priority) => priority.name),
      tenantOf: this.#tenantOf,
    });
    const names = namesIn(engine);
    const observed = new Set(observation.runs.map((run) => names.observed(run.id)));
    const unseen = checked.filter((run) => !observed.has(names.asked(run.id, run.project)));
    const past = await this.#past(unseen);
    if ([...past.values()].some((outcome) => outcome.kind === 'conflict')) {
      return checked.map((run) => past.get(run.id) ?? { kind: 'skipped' });
    }
    const rest = checked.filter((run) => !past.has(run.id));
    const added = unseen.filter((run) => !past.has(run.id)).length;
    checkRoom(added, observation.runs, settings.maxHeld);
    const outcomes = rest.length === 0 ? [] : await engine.create(rest, signal);
    const byId = new Map<RunId, CreateOutcome>(past);
    for (const [index, run] of rest.entries()) byId.set(run.id, outcomes[index] ?? { kind: 'skipped' });
    return checked.map((run) => byId.get(run.id) ?? { kind: 'skipped' });
  }

  /** Of runs that only history may know: the same one asked for again, or another under its name. */
  async #past(unseen: readonly NewRun[]): Promise<ReadonlyMap<RunId, CreateOutcome>> {
    const { store, engine } = this.#around;
    const past = new Map<RunId, CreateOutcome>();
    for (const run of unseen) {
      const finished = await pastRun(store, engine, { askedId: run.id, project: run.project });
      if (finished === null) continue;
      const same = finished.project === run.project;
      past.set(run.id, same ? { kind: 'exists', id: finished.id } : { kind: 'conflict' });
    }
    return past;
  }
}

function checkRoom(added: number, observed: readonly ObservedRun[], maxHeld: number): void {
  let held = 0;
  for (const run of observed) if (run.state === 'held') held += 1;
  if (added === 0 || held + added <= maxHeld) return;
  const room = Math.max(0, maxHeld - held);
  const advice = room === 0 ? 'wait until some have started' : `create at most ${room} now`;
  throw new CodedError(
    'queue-full',
    `The queue holds ${units(held, 'run')} and may hold ${maxHeld}, so ${added} more ${added === 1 ? 'does' : 'do'} not fit: ${advice}, or raise admission.maxHeld in penstock.yaml.`,
  );
}
