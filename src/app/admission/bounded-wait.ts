/**
 * Waiting for the world, never for ever: each wait gets a signal that is aborted when its
 * time is up, and ends then even if nobody listens to the signal.
 */
import type { Clock } from '../../ports/clock.ts';

export class WaitedTooLong extends Error {
  override readonly name = 'WaitedTooLong';
}

export function boundedWait<T>(
  options: { readonly clock: Clock; readonly limitMs: number; readonly what: string },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { clock, limitMs, what } = options;
  const controller = new AbortController();
  return new Promise<T>((resolve, reject) => {
    const cancelTimer = clock.at(clock.nowMs() + limitMs, () => {
      const error = new WaitedTooLong(`${what} gave no answer within ${limitMs} ms`);
      reject(error);
      controller.abort(error);
    });
    work(controller.signal).then(
      (value) => {
        cancelTimer();
        resolve(value);
      },
      (error: unknown) => {
        cancelTimer();
        reject(error);
      },
    );
  });
}

/** One line that says what went wrong, whatever was thrown. */
export function errorText(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n', 1)[0] ?? '';
}
