/** Who waits for a version hears of it when it is shown, and not before. */
import { expect, test } from 'vitest';
import { Progress } from '../../../../src/adapters/tekton/kubernetes/reflector/progress.ts';

const never = new AbortController().signal;

test('a version is reached by it or any later one, also by those that were there before', async () => {
  const progress = new Progress();
  const reached: string[] = [];
  const wait = (version: string) => progress.reached(version, never).then(() => reached.push(version));
  const [ten, twelve] = [wait('10'), wait('12')];
  progress.advance('9');
  progress.advance('11');
  await ten;
  expect(reached).toEqual(['10']);
  progress.advance('3');
  progress.advance('12');
  await twelve;
  await wait('12');
  expect(reached).toEqual(['10', '12', '12']);
});

test('whoever gives up is told so, and a version that is no number is never reached', async () => {
  const progress = new Progress();
  const controller = new AbortController();
  const waits = [progress.reached('5', controller.signal), progress.reached('x', controller.signal)];
  progress.advance('x');
  progress.advance('4');
  controller.abort();
  for (const wait of waits) await expect(wait).rejects.toThrow('was not seen in time');
  await expect(progress.reached('5', controller.signal)).rejects.toThrow('was not seen in time');
});

test('in a cluster that was rebuilt, what was reached before counts no more', async () => {
  const progress = new Progress();
  progress.advance('100');
  progress.reset();
  const controller = new AbortController();
  const wait = progress.reached('50', controller.signal);
  controller.abort();
  await expect(wait).rejects.toThrow();
  progress.advance('50');
  await progress.reached('50', never);
});
