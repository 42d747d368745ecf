/**
 * Waiting no longer than whoever asked is willing to: an engine that neither answers nor
 * listens to the signal must not keep a question, or those behind it, for ever.
 */
export function untilAborted<T>(signal: AbortSignal, answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const give = (): void => reject(signal.reason);
    if (signal.aborted) give();
    signal.addEventListener('abort', give, { once: true });
    const stopListening = (): void => signal.removeEventListener('abort', give);
    answer.then(resolve, reject).finally(stopListening);
  });
}
