/** The forecast, and at the end the truth beside it, for a person at a terminal. */
import type { Quantiles } from '../../core/forecast/types.ts';
import type { Style } from '../text/style.ts';
import { type Column, type Paper, table } from '../text/table.ts';
import { countRange, span } from '../text/when.ts';
import type { DemoOutcome } from './outcome.ts';
import type { Prediction } from './prediction.ts';

interface Row {
  readonly name: string;
  readonly cells: readonly string[];
  readonly style?: Style;
}

export function predictionText(
  prediction: Prediction,
  demo: { readonly runs: number },
  paper: Paper,
): string {
  const { withoutHolding: without, timeouts } = prediction;
  const succeed = {
    p10: demo.runs - timeouts.p90,
    p50: demo.runs - timeouts.p50,
    p90: demo.runs - timeouts.p10,
  };
  const rows: readonly Row[] = [
    { name: 'succeed', cells: [countRange(succeed), countRange(without.succeeded)] },
    {
      name: 'killed by their timeout',
      cells: [countRange(timeouts), countRange(without.timedOut)],
      style: 'bold',
    },
    { name: 'last run starts after', cells: [spanRange(prediction.lastStartMs), ''] },
    { name: 'last run finishes after', cells: [spanRange(prediction.finishMs), ''] },
  ];
  return rowsText(['held by Penstock', 'all let go at once'], rows, paper);
}

export function outcomeText(outcome: DemoOutcome, paper: Paper): string {
  const { forecast, actual, runs } = outcome;
  const peak = outcome.peakRunning === null ? 'not seen' : `${outcome.peakRunning}`;
  const rows: readonly Row[] = [
    { name: 'last run starts after', ...compared(forecast.lastStartMs, actual.lastStartMs) },
    { name: 'last run finishes after', ...compared(forecast.finishMs, actual.finishMs) },
    {
      name: 'killed by their timeout',
      cells: [countRange(forecast.timeouts.held), `${runs.timedOut}`, ''],
    },
    { name: 'running at once', cells: [`at most ${outcome.slots}`, peak, ''] },
    ...outcome.pools.map(({ name, size, peak: used }) => ({
      name: `  ${name}`,
      cells: [`at most ${size}`, used === null ? 'not seen' : `${used}`, ''],
    })),
  ];
  return rowsText(['forecast', 'happened', ''], rows, paper);
}

function compared(forecast: Quantiles, actualMs: number): Pick<Row, 'cells'> {
  const verdict =
    actualMs < forecast.p10
      ? 'sooner than forecast'
      : actualMs > forecast.p90
        ? 'later than forecast'
        : 'as forecast';
  return { cells: [spanRange(forecast), span(actualMs), verdict] };
}

function rowsText(titles: readonly string[], rows: readonly Row[], paper: Paper): string {
  const style = (row: Row): Style => row.style ?? 'plain';
  const columns: readonly Column<Row>[] = [
    { title: '', text: (row) => row.name, style },
    ...titles.map((title, index) => ({ title, text: (row: Row) => row.cells[index] ?? '', style })),
  ];
  return table(columns, rows, paper)
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
}

/** "32 s (27 s to 38 s)"; one length where they read the same. */
function spanRange({ p10, p50, p90 }: Quantiles): string {
  const [low, middle, high] = [span(p10), span(p50), span(p90)];
  return low === high ? middle : `${middle} (${low} to ${high})`;
}

/** The one sentence to remember. */
export function savedSentence(outcome: DemoOutcome): string {
  const { runs, timeouts, timeoutMs } = outcome;
  const { held, withoutHolding } = timeouts;
  const timeout = `timeout of ${span(timeoutMs)}`;
  if (withoutHolding <= held)
    return `Holding made no difference here: the ${timeout} would have been enough.`;
  const truth = runs.succeeded === runs.total ? `All ${runs.total} succeeded` : `${runs.succeeded} succeeded`;
  return `${truth}. Let go all at once, about ${withoutHolding} of the ${runs.total} would have been killed by their ${timeout}.`;
}

/** What else is worth knowing, in dim small print. */
export function detailLines(outcome: DemoOutcome): readonly string[] {
  const { observer, cpuSecondsPerRun, runs } = outcome;
  const seen =
    observer.failure === null
      ? `Running at once was counted in the process table (${observer.source}), ${observer.looks} looks, one every ${observer.everyMs} ms.`
      : `Running at once could not be counted in the process table: ${observer.failure}.`;
  const cpu =
    cpuSecondsPerRun === null
      ? []
      : [
          `A run used ${Math.round(cpuSecondsPerRun * 1000)} ms of CPU on average; the rest of its time it waited.`,
        ];
  const bad = runs.failed + runs.cancelled + runs.timedOut;
  const failed = bad === 0 ? [] : [`${bad} did not succeed: "penstock run list" with --data says why.`];
  const resumed = outcome.resumed ? ['It was interrupted and continued; the pause counts as time.'] : [];
  return [seen, ...cpu, ...failed, ...resumed];
}
