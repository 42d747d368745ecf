/**
 * Assertions for what cannot happen. They stay on in production: a broken promise
 * inside Penstock must stop the pass it happened in, not start a run too many.
 */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}
