/**
 * `npm run fit:durations -- FILE`: computes from a file of durations what the duration model
 * takes for granted on the first day, as it stands in src/core/duration/first-day.ts and
 * src/core/backtest/histories.ts. Columns: workflow, seq, duration_s.
 */

import { readHistoryFile } from '../src/cli/history/history-file.ts';
import { SCORED_PER_WORKFLOW } from '../src/core/backtest/histories.ts';
import { LogHistogram } from '../src/core/backtest/log-histogram.ts';
import { fitOwnWeights } from './fit/own-weights.ts';

const [path] = process.argv.slice(2);
if (path === undefined) {
  process.stderr.write('say which file: npm run fit:durations -- durations.csv\n');
  process.exit(1);
}
const { histories, runs } = await readHistoryFile(path);
const pool = new LogHistogram();
for (const history of histories) {
  for (const { durationMs } of history.runs.slice(0, SCORED_PER_WORKFLOW)) pool.add(durationMs);
}
const [p50Ms = 0, p90Ms = 0] = pool.quantiles([0.5, 0.9]).map((ms) => Number(ms.toPrecision(2)));
process.stdout.write(`${runs} runs of ${histories.length} workflows\n\n`);
process.stdout.write(`PUBLIC_FIRST = { p50Ms: ${p50Ms}, p90Ms: ${p90Ms} }\n\nPUBLIC_WEIGHTS = [\n`);
for (const { centre, everything, spreads } of fitOwnWeights(histories)) {
  const rounded = spreads.map((share) => share.toFixed(2)).join(', ');
  process.stdout.write(
    `  { centre: ${centre.toFixed(2)}, everything: ${everything.toFixed(2)}, spreads: [${rounded}] },\n`,
  );
}
process.stdout.write(']\n');
