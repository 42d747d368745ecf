/** The outlook of a picture without anything else to do in between. */
import { sameThread } from '../../../src/app/forecasting/same-thread.ts';
import { type Outlook, type OutlookParts, outlookOf } from '../../../src/app/queries/outlook.ts';
import type { Picture } from '../../../src/app/queries/picture.ts';
import type { Clock } from '../../../src/ports/clock.ts';

const clock: Clock = {
  nowMs: () => 0,
  at: (_, callback) => {
    queueMicrotask(callback);
    return () => {};
  },
};

export function outlookNow(picture: Picture, settings: OutlookParts['settings']): Promise<Outlook> {
  return outlookOf(picture, { settings, clock, workers: sameThread(clock) });
}
