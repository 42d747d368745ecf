/**
 * Seeded random numbers, one stream per purpose, so that one more draw for one purpose
 * leaves every other stream as it was. The same seed gives the same numbers everywhere.
 *
 * Generator: sfc32 (Chris Doty-Humphrey, PractRand), seeded through a 32-bit FNV-1a hash
 * of the stream's name and 15 rounds of warm-up.
 */
export interface Random {
  /** Uniform in [0, 1), 32 bits. */
  next(): number;
}

const UINT32 = 4294967296;
const WARM_UP = 15;

/** 32-bit FNV-1a over UTF-16 code units. */
export function hash32(text: string, basis = 0x811c9dc5): number {
  let hash = basis | 0;
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}

/** A stream of its own for each purpose and index under one seed. */
export function randomStream(seed: number, purpose: string, index = 0): Random {
  return new ReusedStream().restart(seed, hash32(purpose), index);
}

/**
 * A stream begun again and again: where there is one for each of many things, making an
 * object for each costs more than its numbers. The state is 32-bit numbers in a typed array:
 * as fields, V8 would put most on the heap, one a draw.
 */
export class ReusedStream implements Random {
  readonly #state = new Int32Array(4);

  /** The numbers of `randomStream(seed, purpose, index)` from the first, given the purpose's `hash32`. */
  restart(seed: number, purposeHash: number, index: number): this {
    let a = seed | 0;
    let b = purposeHash | 0;
    let c = index | 0;
    for (let counter = 1; counter <= WARM_UP; counter += 1) {
      const sum = (((a + b) | 0) + counter) | 0;
      a = b ^ (b >>> 9);
      b = (c + (c << 3)) | 0;
      c = (((c << 21) | (c >>> 11)) + sum) | 0;
    }
    const state = this.#state;
    state[0] = a;
    state[1] = b;
    state[2] = c;
    state[3] = WARM_UP + 1;
    return this;
  }

  next(): number {
    const state = this.#state;
    const a = state[0] as number;
    const b = state[1] as number;
    const c = state[2] as number;
    const counter = state[3] as number;
    const sum = (((a + b) | 0) + counter) | 0;
    state[0] = b ^ (b >>> 9);
    state[1] = (c + (c << 3)) | 0;
    state[2] = (((c << 21) | (c >>> 11)) + sum) | 0;
    state[3] = (counter + 1) | 0;
    return (sum >>> 0) / UINT32;
  }
}

/** Whole number in [0, count). */
export function below(random: Random, count: number): number {
  return Math.floor(random.next() * count);
}
