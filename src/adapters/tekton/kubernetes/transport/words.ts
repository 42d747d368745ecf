/** An error of the network in words for a person. */

/** Node's errors of several addresses have an empty message. */
export function wordsFor(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(wordsFor).join('; ');
  return error instanceof Error ? error.message : String(error);
}
