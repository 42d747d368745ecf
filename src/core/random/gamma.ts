/** Gamma random numbers: the weights of the Bayesian bootstrap are made of them. */
import { normal } from './normal.ts';
import type { Random } from './random.ts';

/** Section 4 of the source. */
const SQUEEZE = 0.0331;

/**
 * Gamma with the given shape and rate 1.
 * Source: Marsaglia and Tsang, "A Simple Method for Generating Gamma Variables", ACM TOMS 26 (2000).
 */
export function gamma(random: Random, shape: number): number {
  const d = firstConstant(shape);
  return lifted(random, d * cubeOf(random, d, secondConstant(d)), exponentOf(shape));
}

/** A shape below 1 is drawn as one above, and lifted by a power of a uniform number. */
function firstConstant(shape: number): number {
  return (shape < 1 ? shape + 1 : shape) - 1 / 3;
}

function secondConstant(d: number): number {
  return 1 / Math.sqrt(9 * d);
}

function exponentOf(shape: number): number {
  return shape < 1 ? 1 / shape : 0;
}

/** The power by its logarithm takes half the time of `**`. 1 - next() is above 0. */
function lifted(random: Random, drawn: number, exponent: number): number {
  return exponent === 0 ? drawn : drawn * Math.exp(exponent * Math.log(1 - random.next()));
}

/** By shape: the two constants of the source, and the exponent of the lift; 0 for none. */
const STRIDE = 3;

/** Several shapes, for whoever draws from the same again and again. */
export class GammaShapes {
  readonly #constants: Float64Array;

  /** @param shapes each above 0 */
  constructor(shapes: ArrayLike<number>) {
    this.#constants = new Float64Array(STRIDE * shapes.length);
    for (let nth = 0; nth < shapes.length; nth += 1) {
      const shape = shapes[nth] as number;
      const d = firstConstant(shape);
      this.#constants.set([d, secondConstant(d), exponentOf(shape)], STRIDE * nth);
    }
  }

  /** Gamma with the nth shape and rate 1. */
  draw(random: Random, nth: number): number {
    const d = this.#constants[STRIDE * nth] as number;
    const c = this.#constants[STRIDE * nth + 1] as number;
    const exponent = this.#constants[STRIDE * nth + 2] as number;
    return lifted(random, d * cubeOf(random, d, c), exponent);
  }
}

function cubeOf(random: Random, d: number, c: number): number {
  for (;;) {
    const x = normal(random);
    const root = 1 + c * x;
    if (root <= 0) continue;
    const v = root * root * root;
    const u = 1 - random.next();
    // What this lets pass the logarithms would too, and it is nearly everything.
    if (u < 1 - SQUEEZE * (x * x) * (x * x)) return v;
    if (Math.log(u) < 0.5 * x * x + d - d * v + d * Math.log(v)) return v;
  }
}
