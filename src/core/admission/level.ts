/**
 * One level of the order: for each tenant the heads of its classes that stand there, those
 * that wait longest first. Whoever looks for the next run mostly takes the first of a line.
 *
 * Always true: `colors` has exactly the colours of the signatures in the tenant's line.
 */
import type { IdleHeads } from './idle-heads.ts';
import type { Tables } from './tables.ts';

const COLORS = 32;

export class Level {
  readonly #rank: number;
  readonly #idle: IdleHeads | null;
  readonly #color: Int32Array;
  /** By tenant: its line is from line[from[t]] to line[to[t] - 1], each run followed by its signature. */
  readonly line: Int32Array;
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** By tenant: the colours of the signatures in its line. */
  readonly colors: Int32Array;
  /** By colour (its bit), and by tenant and colour: how many heads stand here. */
  readonly #count = new Int32Array(COLORS);
  readonly #countOf: Int32Array;
  /** All colours that stand here. */
  allColors = 0;

  constructor(tables: Tables, rank: number, idle: IdleHeads | null) {
    const { classTenant, classCount, signatures, tenantNames } = tables;
    this.#rank = rank;
    this.#idle = idle;
    this.#color = signatures.color;
    this.line = new Int32Array(2 * classCount);
    const classes = new Int32Array(tenantNames.length);
    for (const tenant of classTenant) classes[tenant] = (classes[tenant] as number) + 1;
    let from = 0;
    this.from = classes.map((count) => {
      from += 2 * count;
      return from - 2 * count;
    });
    this.to = new Int32Array(tenantNames.length);
    this.colors = new Int32Array(tenantNames.length);
    this.#countOf = new Int32Array(tenantNames.length * COLORS);
    this.reset();
  }

  /** Nobody stands here. */
  reset(): void {
    this.to.set(this.from);
    this.colors.fill(0);
    this.#count.fill(0);
    this.#countOf.fill(0);
    this.allColors = 0;
  }

  add(tenant: number, run: number, signature: number): void {
    const to = this.to[tenant] as number;
    this.to[tenant] = to + 2;
    this.#insert(run, signature, this.from[tenant] as number, to);
    this.#appear(tenant, signature);
    if (this.#idle !== null) this.#idle.add(run, this.#rank);
  }

  /** The tenant uses nothing any more. */
  becomeIdle(tenant: number): void {
    const to = this.to[tenant] as number;
    for (let i = this.from[tenant] as number; i < to; i += 2) {
      this.#idle?.add(this.line[i] as number, this.#rank);
    }
  }

  remove(tenant: number, run: number): void {
    const { line } = this;
    const to = (this.to[tenant] as number) - 2;
    this.to[tenant] = to;
    let at = this.from[tenant] as number;
    while (line[at] !== run) at += 2;
    const signature = line[at + 1] as number;
    for (; at < to; at += 2) {
      line[at] = line[at + 2] as number;
      line[at + 1] = line[at + 3] as number;
    }
    this.#vanish(tenant, signature);
  }

  /** `run` starts, so its tenant is not idle now; `next` of the same class takes its place, but stands where it belongs. */
  replace(tenant: number, run: number, next: number): void {
    const { line } = this;
    const from = this.from[tenant] as number;
    const last = (this.to[tenant] as number) - 2;
    let at = from;
    while (line[at] !== run) at += 2;
    const signature = line[at + 1] as number;
    for (; at < last && (line[at + 2] as number) < next; at += 2) {
      line[at] = line[at + 2] as number;
      line[at + 1] = line[at + 3] as number;
    }
    line[at] = next;
    line[at + 1] = signature;
    // The next of a class waits less long, except behind a run that has a grant.
    if (next < run) this.#insert(next, signature, from, at);
  }

  /** Puts the run where it belongs between two places, moving those after it. */
  #insert(run: number, signature: number, from: number, to: number): void {
    const { line } = this;
    let at = to;
    for (; at > from && (line[at - 2] as number) > run; at -= 2) {
      line[at] = line[at - 2] as number;
      line[at + 1] = line[at - 1] as number;
    }
    line[at] = run;
    line[at + 1] = signature;
  }

  #appear(tenant: number, signature: number): void {
    const color = this.#color[signature] as number;
    const bit = Math.clz32(color);
    this.#count[bit] = (this.#count[bit] as number) + 1;
    this.allColors |= color;
    const at = tenant * COLORS + bit;
    this.#countOf[at] = (this.#countOf[at] as number) + 1;
    this.colors[tenant] = (this.colors[tenant] as number) | color;
  }

  #vanish(tenant: number, signature: number): void {
    const color = this.#color[signature] as number;
    const bit = Math.clz32(color);
    const left = (this.#count[bit] as number) - 1;
    this.#count[bit] = left;
    if (left === 0) this.allColors &= ~color;
    const at = tenant * COLORS + bit;
    const leftOf = (this.#countOf[at] as number) - 1;
    this.#countOf[at] = leftOf;
    if (leftOf === 0) this.colors[tenant] = (this.colors[tenant] as number) & ~color;
  }
}
