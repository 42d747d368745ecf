/**
 * Start requests on their way to the engine: at most so many at a time, none after its
 * deadline, none once leadership is lost, and none once stopped.
 *
 * Always true: no more are taken than get their turn long before their deadline. A request is sent at most once; only an answer that it certainly took no
 * effect, or never having sent it, makes a refusal. Whoever takes the refusals settles
 * their marks; every other mark is settled by observation alone.
 */
import type { Clock } from '../../ports/clock.ts';
import type { Engine, StartOutcome } from '../../ports/engine.ts';
import type { Log } from '../../ports/log.ts';
import type { StartMark } from '../../ports/store.ts';
import { boundedWait, errorText } from './bounded-wait.ts';
import type { AdmissionListener } from './events.ts';

/** So many requests for each that may be out: enough that none waits for a pass, few enough that all are sent in time. */
const TURNS_MAX = 3;

export interface Refusal {
  readonly mark: StartMark;
  readonly why: string;
  /** Never sent because of a stop or lost leadership: not the run's fault, so no reason to make it wait. */
  readonly unsent: boolean;
}

export interface StartRequestsParts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly log: Log;
  readonly concurrency: number;
  readonly listener: AdmissionListener;
  /** Asked right before each request: false once this process does not lead any more. */
  readonly maySend: () => boolean;
  /** A request was answered, or refused: there may be a refusal to take, or room. */
  readonly onAnswer: () => void;
}

export class StartRequests {
  readonly #parts: StartRequestsParts;
  #queue: StartMark[] = [];
  #refusals: Refusal[] = [];
  #out = 0;
  #stopped = false;

  constructor(parts: StartRequestsParts) {
    this.#parts = parts;
  }

  send(marks: readonly StartMark[]): void {
    for (const mark of marks) this.#queue.push(mark);
    if (this.#stopped) this.stop();
    this.#fill();
  }

  /** How many more can be sent in time. */
  room(): number {
    return Math.max(0, this.#mostTaken() - this.#queue.length - this.#out);
  }

  /** There is so much room that a pass for it is worth its while. */
  hasAmpleRoom(): boolean {
    return this.room() * 2 >= this.#mostTaken();
  }

  #mostTaken(): number {
    return this.#parts.concurrency * TURNS_MAX;
  }

  /** Requests sent and not answered. */
  outstanding(): number {
    return this.#out;
  }

  refusals(): readonly Refusal[] {
    return this.#refusals;
  }

  /** To be called once the marks of these are settled durably. */
  drop(refusals: readonly Refusal[]): void {
    const done = new Set(refusals);
    this.#refusals = this.#refusals.filter((refusal) => !done.has(refusal));
  }

  /** Sends nothing more; what was not sent yet becomes a refusal. */
  stop(): void {
    this.#stopped = true;
    for (const mark of this.#queue) this.#unsent(mark, 'Penstock stops');
    this.#queue = [];
  }

  #fill(): void {
    while (!this.#stopped && this.#out < this.#parts.concurrency) {
      const mark = this.#queue.shift();
      if (mark === undefined) return;
      if (!this.#parts.maySend()) this.#leadershipLost(mark);
      else if (this.#parts.clock.nowMs() < mark.deadlineMs) void this.#request(mark);
      else this.#refuse(mark, 'its turn came only after its deadline');
    }
  }

  async #request(mark: StartMark): Promise<void> {
    this.#out += 1;
    const outcome = await this.#ask(mark);
    this.#out -= 1;
    const { listener, clock, log, onAnswer } = this.#parts;
    const runId = mark.runId;
    if (outcome.kind === 'refused') {
      this.#refuse(mark, outcome.why);
    } else if (outcome.kind === 'unknown') {
      log.warn({ runId, why: outcome.why }, 'The answer to a start was lost; it counts until seen otherwise');
      listener({ kind: 'start-unknown', runId, atMs: clock.nowMs(), why: outcome.why });
    }
    this.#fill();
    onAnswer();
  }

  async #ask(mark: StartMark): Promise<StartOutcome> {
    const { engine, clock } = this.#parts;
    const limitMs = mark.deadlineMs - clock.nowMs();
    try {
      return await boundedWait({ clock, limitMs, what: 'The engine' }, (signal) =>
        engine.start(mark.runId, { deadlineMs: mark.deadlineMs }, signal),
      );
    } catch (error) {
      return { kind: 'unknown', why: errorText(error) };
    }
  }

  #leadershipLost(mark: StartMark): void {
    this.#unsent(mark, 'another process leads');
    this.#parts.onAnswer();
  }

  #unsent(mark: StartMark, why: string): void {
    this.#refusals.push({ mark, why, unsent: true });
  }

  #refuse(mark: StartMark, why: string): void {
    const { listener, clock, log, onAnswer } = this.#parts;
    this.#refusals.push({ mark, why, unsent: false });
    log.warn({ runId: mark.runId, why }, 'A start was refused');
    listener({ kind: 'start-refused', runId: mark.runId, atMs: clock.nowMs(), why });
    onAnswer();
  }
}
