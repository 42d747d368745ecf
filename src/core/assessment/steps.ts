/** Work that is done in steps, done at once: for whoever has nobody else to serve. */
export function finished<T>(steps: Generator<void, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
