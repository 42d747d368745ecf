/**
 * The independent observer: a process of its own that knows nothing of Penstock's loop or
 * store, looks at the processes of this machine again and again, and says whenever it saw
 * more runs at once than before. It ends when its input does, so never outlives the demo.
 *
 * Told in one argument, as JSON, an `ObserverOrder`; says an `ObserverReport` a line.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Requests } from '../../../core/model/run.ts';
import type { ObserverOrder, ObserverReport } from './order.ts';
import { NO_PEAKS, withLook } from './peaks.ts';
import { processList } from './process-list.ts';
import { runningRuns } from './running-runs.ts';

/** So that what it looked at least so often is known though nothing rises. */
const SAY_EVERY_LOOKS = 25;

const order = JSON.parse(process.argv[2] ?? '') as ObserverOrder;
const requests = JSON.parse(readFileSync(order.requestsFile, 'utf8')) as Readonly<Record<string, Requests>>;
const list = processList();
const hasEnded = (run: string): boolean => existsSync(join(order.engineFolder, 'runs', run, 'outcome.json'));
let peaks = NO_PEAKS;

function say(): void {
  const report: ObserverReport = { ...peaks, source: list.source, everyMs: list.everyMs };
  process.stdout.write(`${JSON.stringify(report)}\n`);
}

function look(): void {
  const before = peaks;
  const running = runningRuns(list.look(performance.now()), order.engineFolder, hasEnded);
  peaks = withLook(peaks, running, (run) => requests[run] ?? {});
  const risen =
    peaks.running > before.running ||
    Object.entries(peaks.pools).some(([pool, units]) => units > (before.pools[pool] ?? 0));
  if (risen || peaks.looks % SAY_EVERY_LOOKS === 1) say();
}

look();
const timer = setInterval(look, list.everyMs);
process.stdin.resume();
process.stdin.on('end', () => {
  clearInterval(timer);
  say();
});
/** Ctrl-C is for the demo, which ends this process by closing its input. */
process.on('SIGINT', () => {});
