/**
 * The peaks over the whole demo: what the observer of this process reports, on top of what
 * those of earlier processes of the same demo had seen.
 */
import { z } from 'zod';
import type { DemoFolder } from './folder.ts';
import type { ObserverReport } from './observer/order.ts';
import { highest } from './observer/peaks.ts';
import { startObserver } from './observer/watch.ts';

const reportSchema = z.object({
  running: z.number(),
  pools: z.record(z.string(), z.number()),
  looks: z.number(),
  source: z.enum(['/proc', 'ps']),
  everyMs: z.number(),
});

export interface PeakWatch {
  /** Null when nothing was observed. */
  peaks(): ObserverReport | null;
  failure(): string | null;
  stop(): Promise<void>;
}

export function watchPeaks(folder: DemoFolder, engineFolder: string): PeakWatch {
  const before = folder.read('peaks', reportSchema);
  let peaks: ObserverReport | null = before;
  const order = { engineFolder, requestsFile: folder.path('requests') };
  const observer = startObserver(order, (report) => {
    peaks = before === null ? report : { ...report, ...highest(before, report) };
    folder.write('peaks', peaks);
  });
  return { peaks: () => peaks, failure: () => observer.failure(), stop: () => observer.stop() };
}
