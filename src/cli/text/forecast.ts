/** A forecast in words: with holding, without it, and what it rests on. */
import type { z } from 'zod';
import type { ForecastSchema } from '../../api/contract.ts';
import { units as count } from '../../app/queries/say-when.ts';
import { paint } from './style.ts';
import { countRange, momentRange, span } from './when.ts';

type Forecast = z.output<typeof ForecastSchema>;

export function forecastText(forecast: Forecast): string {
  const { runs, neverStart } = forecast;
  if (runs.length === 0 && neverStart.length === 0) return 'Nothing waits and nothing runs.';
  const sections = [heading(forecast), withHolding(forecast), withoutHolding(forecast), restsOn(forecast)];
  return sections.join('\n\n');
}

function heading({ runs, neverStart, replications }: Forecast): string {
  const all = runs.length + neverStart.length;
  return [
    `${count(all, 'run')} waiting or running.`,
    `The middle of ${count(replications, 'simulated future')}, and in brackets where 8 of 10 of them lie:`,
  ].join('\n');
}

function withHolding(forecast: Forecast): string {
  const { madeAtMs, finishAtMs, lastStartAtMs, peakRunning, timeouts, neverStart } = forecast;
  const never =
    neverStart.length === 0
      ? []
      : [
          line(
            'never start',
            paint('warn', `${neverStart.length}: ${neverStart[0]}${neverStart.length > 1 ? ', ...' : ''}`),
          ),
        ];
  return [
    paint('bold', 'With holding'),
    line('all done', momentRange(madeAtMs, finishAtMs)),
    line('last start', momentRange(madeAtMs, lastStartAtMs)),
    line('at once', `at most ${countRange(peakRunning)}`),
    line('time out', countRange(timeouts)),
    ...never,
  ].join('\n');
}

function withoutHolding({ withoutHolding: without }: Forecast): string {
  const { p10, p50, p90 } = without.wastedSlotMs;
  const wasted = span(p10) === span(p90) ? span(p50) : `${span(p50)} (${span(p10)} to ${span(p90)})`;
  return [
    paint('bold', 'Without holding (all let go when created, the same slots)'),
    line('succeed', countRange(without.succeeded)),
    line(
      'time out',
      `${countRange(without.timedOutWaiting)} waiting, ${countRange(without.timedOutRunning)} running`,
    ),
    line('wasted', `${wasted} of slot time`),
  ].join('\n');
}

const ASSUMED: Readonly<Record<Forecast['assumption'], string>> = {
  'nothing-new-arrives': 'Nothing new is assumed to arrive.',
  'planned-launches-arrive': 'Launches of policies are assumed to arrive as planned, and nothing else.',
  'arrivals-as-usual': 'As many new runs are assumed to arrive as usual at this hour of the week.',
  'planned-launches-and-arrivals-as-usual':
    'Launches of policies are assumed to arrive as planned, and other runs as usual at this hour of the week.',
};

function restsOn({ evidence, assumption }: Forecast): string {
  const assumed = ASSUMED[assumption];
  const { samples, series, runsWithFewSamples } = evidence;
  if (samples === 0) {
    return `No run has been measured yet, so the durations are a first guess.\n${assumed}`;
  }
  const few =
    runsWithFewSamples === 0
      ? []
      : [`Rough: ${runsWithFewSamples} of the runs have fewer than 5 measurements of their own pipeline.`];
  const base = `Durations rest on ${count(samples, 'measured run')} of ${count(series, 'pipeline')}.`;
  return [base, ...few, assumed].join('\n');
}

function line(name: string, value: string): string {
  return `  ${name.padEnd(13)}${value}`;
}
