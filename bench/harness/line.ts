/**
 * What a benchmark says: one line for each figure, with its goal where it has one, so that
 * nobody has to remember what a good figure would be.
 */
export interface Goal {
  /** As a person reads it: `at least 0.4 of the C program`. */
  readonly text: string;
  readonly met: boolean;
}

export interface Line {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** The peer measured in the same run, and what it came to; null without one. */
  readonly against: string | null;
  /** Null: printed beside the others for comparison. */
  readonly goal: Goal | null;
}

/** A figure that could not be taken, and why. */
export interface Missing {
  readonly what: string;
  readonly missing: string;
}

export interface Section {
  readonly name: string;
  readonly title: string;
  readonly run: (effort: Effort) => Promise<readonly (Line | Missing)[]>;
}

/** How much to measure: rounds are what a median is taken of, scale shortens each of them. */
export interface Effort {
  readonly rounds: number;
  /** 1 for figures to be believed, less to see only that everything works. */
  readonly scale: number;
}

export const FULL: Effort = { rounds: 7, scale: 1 };
export const SMOKE: Effort = { rounds: 1, scale: 0.02 };

export function atLeast(wanted: number, value: number, of = ''): Goal {
  return { text: `at least ${wanted}${of}`, met: value >= wanted };
}

export function atMost(wanted: number, value: number, of = ''): Goal {
  return { text: `at most ${wanted}${of}`, met: value <= wanted };
}
