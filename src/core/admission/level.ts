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
  readonly #runSignature: Int32Array;
  readonly #color: Int32Array;
  /** By tenant: its line is the runs line[from[t]] .. line[from[t] + length[t] - 1]. */
  readonly line: Int32Array;
  readonly from: Int32Array;
  readonly length: Int32Array;
  /** By tenant: the colours of the signatures in its line. */
  readonly colors: Int32Array;
  /** By colour (its bit), and by tenant and colour: how many heads stand here. */
  readonly #count = new Int32Array(COLORS);
  readonly #countOf: Int32Array;
  /** All colours that stand here. */
  allColors = 0;

  constructor(tables: Tables, rank: number, idle: IdleHeads | null) {
    this.#rank = rank;
    this.#idle = idle;
    const { classTenant, classCount, signatures, runSignature, tenantNames } = tables;
    this.#runSignature = runSignature;
    this.#color = signatures.color;
    this.line = new Int32Array(classCount);
    this.from = new Int32Array(tenantNames.length + 1);
    for (const tenant of classTenant) this.from[tenant + 1] = (this.from[tenant + 1] as number) + 1;
    for (let t = 0; t < tenantNames.length; t += 1) {
      this.from[t + 1] = (this.from[t + 1] as number) + (this.from[t] as number);
    }
    this.length = new Int32Array(tenantNames.length);
    this.colors = new Int32Array(tenantNames.length);
    this.#countOf = new Int32Array(tenantNames.length * COLORS);
  }

  /** Nobody stands here. */
  reset(): void {
    this.length.fill(0);
    this.colors.fill(0);
    this.#count.fill(0);
    this.#countOf.fill(0);
    this.allColors = 0;
  }

  add(tenant: number, run: number): void {
    const length = this.length[tenant] as number;
    this.length[tenant] = length + 1;
    this.#insert(run, this.from[tenant] as number, (this.from[tenant] as number) + length);
    this.#appear(tenant, run);
    if (this.#idle !== null) this.#idle.add(run, this.#rank);
  }

  /** The tenant uses nothing any more. */
  becomeIdle(tenant: number): void {
    const from = this.from[tenant] as number;
    const to = from + (this.length[tenant] as number);
    for (let i = from; i < to; i += 1) this.#idle?.add(this.line[i] as number, this.#rank);
  }

  remove(tenant: number, run: number): void {
    const { line } = this;
    const length = (this.length[tenant] as number) - 1;
    const from = this.from[tenant] as number;
    this.length[tenant] = length;
    let at = from;
    while (line[at] !== run) at += 1;
    for (; at < from + length; at += 1) line[at] = line[at + 1] as number;
    this.#vanish(tenant, run);
  }

  /** `run` starts, so its tenant is not idle now; `next` of the same class takes its place, but stands where it belongs. */
  replace(tenant: number, run: number, next: number): void {
    const { line } = this;
    const from = this.from[tenant] as number;
    const last = from + (this.length[tenant] as number) - 1;
    let at = from;
    while (line[at] !== run) at += 1;
    for (; at < last && (line[at + 1] as number) < next; at += 1) line[at] = line[at + 1] as number;
    line[at] = next;
    // The next of a class waits less long, except behind a run that has a grant.
    if (next < run) this.#insert(next, from, at);
  }

  /** Puts the run where it belongs among line[from] .. line[to - 1], moving those after it by one. */
  #insert(run: number, from: number, to: number): void {
    const { line } = this;
    let at = to;
    for (; at > from && (line[at - 1] as number) > run; at -= 1) line[at] = line[at - 1] as number;
    line[at] = run;
  }

  #appear(tenant: number, run: number): void {
    const color = this.#color[this.#runSignature[run] as number] as number;
    const bit = Math.clz32(color);
    this.#count[bit] = (this.#count[bit] as number) + 1;
    this.allColors |= color;
    const at = tenant * COLORS + bit;
    this.#countOf[at] = (this.#countOf[at] as number) + 1;
    this.colors[tenant] = (this.colors[tenant] as number) | color;
  }

  #vanish(tenant: number, run: number): void {
    const color = this.#color[this.#runSignature[run] as number] as number;
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
