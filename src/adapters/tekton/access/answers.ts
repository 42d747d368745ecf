/**
 * Answers that are kept for a while: who a token is, what somebody may.
 *
 * Always true: memory is bounded, the one that was asked for longest ago goes first; of one
 * question at most one is under way; a failure is not kept.
 */
export class Answers<Answer> {
  readonly #most: number;
  readonly #nowMs: () => number;
  readonly #keepMs: (answer: Answer) => number;
  readonly #kept = new Map<string, { readonly answer: Answer; readonly untilMs: number }>();
  readonly #underWay = new Map<string, Promise<Answer>>();

  constructor(options: {
    readonly most: number;
    /** A clock that does not go back. */
    readonly nowMs: () => number;
    readonly keepMs: (answer: Answer) => number;
  }) {
    this.#most = options.most;
    this.#nowMs = options.nowMs;
    this.#keepMs = options.keepMs;
  }

  knows(key: string): boolean {
    const kept = this.#kept.get(key);
    return kept !== undefined && kept.untilMs > this.#nowMs();
  }

  of(key: string, ask: () => Promise<Answer>): Promise<Answer> {
    const kept = this.#kept.get(key);
    if (kept !== undefined && kept.untilMs > this.#nowMs()) return Promise.resolve(kept.answer);
    const asked = this.#underWay.get(key) ?? this.#ask(key, ask);
    return asked;
  }

  #ask(key: string, ask: () => Promise<Answer>): Promise<Answer> {
    const asked = ask()
      .then((answer) => {
        this.#keep(key, answer);
        return answer;
      })
      .finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, asked);
    return asked;
  }

  #keep(key: string, answer: Answer): void {
    this.#kept.delete(key);
    this.#kept.set(key, { answer, untilMs: this.#nowMs() + this.#keepMs(answer) });
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= this.#most) return;
      this.#kept.delete(oldest);
    }
  }
}
