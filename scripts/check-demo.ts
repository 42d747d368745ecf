/**
 * Reads the JSON of `npm start -- --once --json` and says whether it is what is promised:
 * all runs there and succeeded, never more running than slots, a forecast beside the truth.
 * Whether one forecast came true is not judged here: one in five may lie outside its range.
 */
import { readFileSync } from 'node:fs';

interface DemoReport {
  readonly runs: { readonly total: number; readonly succeeded: number };
  readonly slots: number;
  readonly peakRunning: number;
  readonly forecast: {
    readonly finishMs: { readonly p10: number; readonly p50: number; readonly p90: number };
  };
  readonly actual: { readonly finishMs: number };
  readonly timeouts: { readonly held: number; readonly withoutHolding: number };
}

const report: DemoReport = JSON.parse(readFileSync(0, 'utf8'));
const { runs, slots, peakRunning, forecast, actual, timeouts } = report;
const { p10, p50, p90 } = forecast.finishMs;

const wrong = Object.entries({
  'runs.total is 300': runs.total === 300,
  'runs.succeeded is runs.total': runs.succeeded === runs.total,
  'slots is 20': slots === 20,
  'peakRunning is at least 1 and at most slots': peakRunning >= 1 && peakRunning <= slots,
  'forecast.finishMs is in order': p10 > 0 && p10 <= p50 && p50 <= p90,
  'actual.finishMs is there': actual.finishMs > 0,
  'timeouts.held is 0': timeouts.held === 0,
  'timeouts.withoutHolding is there': timeouts.withoutHolding >= 0,
}).flatMap(([claim, holds]) => (holds ? [] : [claim]));

process.stdout.write(`${JSON.stringify({ runs, slots, peakRunning, forecast, actual, timeouts })}\n`);
for (const claim of wrong) process.stderr.write(`not so: ${claim}\n`);
process.exitCode = wrong.length === 0 ? 0 : 1;
