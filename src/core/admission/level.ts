/**
 * One level of the order: for each tenant the heads of its classes that stand there, those
 * that wait longest first. Whoever looks for the next run mostly takes the first of a line.
 *
 * Always true: `colors` has exactly the colours of the signatures in the tenant's line.
 */
import type { IdleHeads } from './idle-heads.ts';
import { SHARED_COLOR } from './signatures.ts';
import type { Tables } from './tables.ts';

/** What there is about a head in a line, side by side: its run, then its signature, then its class. */
export const ENTRY = 3;
const COLORS = 32;

export class Level {
  readonly #rank: number;
  readonly #idle: IdleHeads | null;
  readonly #color: Int32Array;
  /** By tenant: its line is from line[from[t]] to line[to[t] - 1], ENTRY places a head. */
  readonly line: Int32Array;
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** By tenant: the colours of the signatures in its line. */
  readonly colors: Int32Array;
  /** By colour (its bit): in how many lines it is. */
  readonly #lines = new Int32Array(COLORS);
  /** All colours that stand here. */
  allColors = 0;

  constructor(tables: Tables, rank: number, idle: IdleHeads | null) {
    const { classTenant, classCount, signatures, tenantNames } = tables;
    this.#rank = rank;
    this.#idle = idle;
    this.#color = signatures.color;
    this.line = new Int32Array(ENTRY * classCount);
    const classes = new Int32Array(tenantNames.length);
    for (const tenant of classTenant) classes[tenant] = (classes[tenant] as number) + 1;
    let from = 0;
    this.from = classes.map((count) => {
      from += ENTRY * count;
      return from - ENTRY * count;
    });
    this.to = new Int32Array(tenantNames.length);
    this.colors = new Int32Array(tenantNames.length);
    this.reset();
  }

  /** Nobody stands here. */
  reset(): void {
    this.to.set(this.from);
    this.colors.fill(0);
    this.#lines.fill(0);
    this.allColors = 0;
  }

  /** Returns what makes everything here as it is now. */
  remember(): () => void {
    const [line, to, colors, lines] = [
      this.line.slice(),
      this.to.slice(),
      this.colors.slice(),
      this.#lines.slice(),
    ];
    const { allColors } = this;
    return () => {
      this.line.set(line);
      this.to.set(to);
      this.colors.set(colors);
      this.#lines.set(lines);
      this.allColors = allColors;
    };
  }

  add(tenant: number, run: number, signature: number, c: number): void {
    const to = this.to[tenant] as number;
    this.to[tenant] = to + ENTRY;
    const at = this.#makePlace(run, this.from[tenant] as number, to);
    this.line[at] = run;
    this.line[at + 1] = signature;
    this.line[at + 2] = c;
    const color = this.#color[signature] as number;
    const colors = this.colors[tenant] as number;
    if ((colors & color) === 0) {
      this.colors[tenant] = colors | color;
      this.#appear(color);
    }
    if (this.#idle !== null) this.#idle.add(run, this.#rank);
  }

  /** The tenant uses nothing any more. */
  becomeIdle(tenant: number): void {
    const to = this.to[tenant] as number;
    for (let i = this.from[tenant] as number; i < to; i += ENTRY) {
      this.#idle?.add(this.line[i] as number, this.#rank);
    }
  }

  remove(tenant: number, run: number): void {
    const { line } = this;
    const to = (this.to[tenant] as number) - ENTRY;
    const from = this.from[tenant] as number;
    this.to[tenant] = to;
    let at = from;
    while (line[at] !== run) at += ENTRY;
    const color = this.#color[line[at + 1] as number] as number;
    for (; at < to; at += 1) line[at] = line[at + ENTRY] as number;
    if (this.#rank === 0 || color === SHARED_COLOR) {
      for (at = from; at < to; at += ENTRY) if (this.#color[line[at + 1] as number] === color) return;
    }
    this.colors[tenant] = (this.colors[tenant] as number) & ~color;
    this.#vanish(color);
  }

  /** `run` starts, so its tenant is not idle now; `next` of the same class takes its place, but stands where it belongs. */
  replace(tenant: number, run: number, next: number): void {
    const { line } = this;
    const from = this.from[tenant] as number;
    const last = (this.to[tenant] as number) - ENTRY;
    let at = from;
    while (line[at] !== run) at += ENTRY;
    const signature = line[at + 1] as number;
    const c = line[at + 2] as number;
    for (; at < last && (line[at + ENTRY] as number) < next; at += ENTRY) {
      line[at] = line[at + ENTRY] as number;
      line[at + 1] = line[at + ENTRY + 1] as number;
      line[at + 2] = line[at + ENTRY + 2] as number;
    }
    // The next of a class waits less long, except behind a run that has a grant.
    if (next < run) at = this.#makePlace(next, from, at);
    line[at] = next;
    line[at + 1] = signature;
    line[at + 2] = c;
  }

  /** Moves those that wait less long than the run, between two places of which the last is vacant, and returns its place. */
  #makePlace(run: number, from: number, to: number): number {
    const { line } = this;
    let at = to;
    for (; at > from && (line[at - ENTRY] as number) > run; at -= ENTRY) {
      line[at] = line[at - ENTRY] as number;
      line[at + 1] = line[at - ENTRY + 1] as number;
      line[at + 2] = line[at - ENTRY + 2] as number;
    }
    return at;
  }

  #appear(color: number): void {
    const bit = Math.clz32(color);
    this.#lines[bit] = (this.#lines[bit] as number) + 1;
    this.allColors |= color;
  }

  #vanish(color: number): void {
    const bit = Math.clz32(color);
    const left = (this.#lines[bit] as number) - 1;
    this.#lines[bit] = left;
    if (left === 0) this.allColors &= ~color;
  }
}
