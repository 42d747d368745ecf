/**
 * The whole explanation of one run, some short lines for somebody who has never seen
 * Penstock: why it is where it is, its place, when things should happen, and what those
 * times rest on.
 *
 * Always true: pure; a number that is not known is left out rather than made up.
 */
import type { Quantiles } from '../../core/forecast/types.ts';
import type { Front } from '../../ports/store.ts';
import type { RunView } from '../views.ts';
import { expirySentence, movedSentence } from './control-sentences.ts';
import { ordinal, type SayWhen, sayDuration, units } from './say-when.ts';

export interface ExplainFacts {
  readonly nowMs: number;
  readonly run: RunView;
  readonly because: string;
  /** It is held, and Penstock decides upon it. */
  readonly decidedUpon: boolean;
  readonly position: number | null;
  /** Held runs in all. */
  readonly queueLength: number;
  readonly startsAtMs: Quantiles | null;
  readonly finishesAtMs: Quantiles | null;
  readonly boundAtMs: number | null;
  /** Somebody moved it to the front. */
  readonly front: Front | null;
  /** It is cancelled then, if it has not been let go. */
  readonly expiresAtMs: number | null;
  readonly ownSamples: number;
  /** All samples that the times rest on, its own included. */
  readonly pooledSamples: number;
  /** What of the system itself casts doubt on the above, one line each. */
  readonly caveats: readonly string[];
}

export function explainLines(facts: ExplainFacts, say: SayWhen): readonly string[] {
  switch (facts.run.state) {
    case 'held':
      if (!facts.decidedUpon) return [facts.because];
      return [...elsewhereLines(facts.run), facts.because, ...heldLines(facts, say), ...facts.caveats];
    case 'starting':
      return [facts.because, ...activeLines(facts, say), ...facts.caveats];
    case 'running':
      return [facts.because, ...foreignLines(facts.run), ...activeLines(facts, say), ...facts.caveats];
    default:
      return [facts.because, ...finishedLines(facts.run)];
  }
}

/** What stands for the reason where a run is past waiting. */
export function stateSentence(run: RunView, nowMs: number, say: SayWhen): string {
  const since = run.startedAtMs;
  switch (run.state) {
    case 'held':
      return run.ours
        ? 'It waits.'
        : 'Somebody else holds it: Penstock never starts a run that it did not hold itself.';
    case 'starting':
      return 'It has been let go and has not been seen running yet.';
    case 'running':
      if (since === null) return 'Running.';
      return `Running since ${say.instant(nowMs, since)}, for ${sayDuration(nowMs - since)}.`;
    default:
      return endSentence(run, nowMs, say);
  }
}

const ENDED = {
  succeeded: 'It succeeded',
  failed: 'It failed',
  'timed-out': 'It exceeded its timeout and was stopped',
  cancelled: 'It was cancelled',
} as const;

function endSentence(run: RunView, nowMs: number, say: SayWhen): string {
  const ended = run.outcome === null ? 'It ended' : ENDED[run.outcome];
  const at = run.finishedAtMs === null ? '' : ` at ${say.instant(nowMs, run.finishedAtMs)}`;
  return `${ended}${at}${ran(run)}${run.outcomeReason === null ? '.' : `: ${withPeriod(run.outcomeReason)}`}`;
}

function ran(run: RunView): string {
  if (run.startedAtMs === null) return ' before it started';
  return run.finishedAtMs === null
    ? ''
    : ` after running for ${sayDuration(run.finishedAtMs - run.startedAtMs)}`;
}

function withPeriod(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function heldLines(facts: ExplainFacts, say: SayWhen): readonly string[] {
  const queue = `the queue of ${facts.queueLength}`;
  const { front } = facts;
  const moved = front === null ? [] : [movedSentence(front, say.instant(facts.nowMs, front.atMs))];
  if (facts.position === null) {
    return [
      ...moved,
      `No start is in sight for it, so it has no place in ${queue}.`,
      ...expiryLine(facts, say),
    ];
  }
  const place =
    facts.queueLength === 1
      ? 'You are the only one in the queue.'
      : `You are ${ordinal(facts.position)} in ${queue}.`;
  if (facts.startsAtMs === null) return [...moved, place, ...expiryLine(facts, say)];
  return [
    ...moved,
    place,
    `It should start ${say.range(facts.nowMs, facts.startsAtMs)}.`,
    ...finishLine(facts, say),
    ...boundLine(facts, say),
    ...expiryLine(facts, say),
    evidenceLine(facts),
    'Nothing new is assumed to arrive.',
  ];
}

function boundLine(facts: ExplainFacts, say: SayWhen): readonly string[] {
  if (facts.boundAtMs === null) return [];
  const latest = say.instant(facts.nowMs, facts.boundAtMs);
  return [
    `At the latest it starts at ${latest}, if the pools keep their size and nobody starts runs outside Penstock.`,
  ];
}

function expiryLine(facts: ExplainFacts, say: SayWhen): readonly string[] {
  const { expiresAtMs, startsAtMs, nowMs } = facts;
  if (expiresAtMs === null) return [];
  const inTime = startsAtMs === null || startsAtMs.p50 <= expiresAtMs;
  return [expirySentence(say.instant(nowMs, expiresAtMs), inTime)];
}

function activeLines(facts: ExplainFacts, say: SayWhen): readonly string[] {
  const { run } = facts;
  const timesOutAtMs =
    run.startedAtMs === null || run.timeoutMs === null ? null : run.startedAtMs + run.timeoutMs;
  const timeout =
    timesOutAtMs === null
      ? []
      : [`Its timeout stops it at ${say.instant(facts.nowMs, timesOutAtMs)} if it is not done by then.`];
  if (facts.finishesAtMs === null) return timeout;
  return [...finishLine(facts, say), ...timeout, evidenceLine(facts)];
}

function elsewhereLines(run: RunView): readonly string[] {
  return run.ours ? [] : ['Somebody else holds it; this is what Penstock would do with it.'];
}

function foreignLines(run: RunView): readonly string[] {
  return run.ours ? [] : ['It was started outside Penstock, which only counts what it uses.'];
}

function finishLine(facts: ExplainFacts, say: SayWhen): readonly string[] {
  if (facts.finishesAtMs === null) return [];
  return [`It should finish ${say.range(facts.nowMs, facts.finishesAtMs)}.`];
}

function evidenceLine({ ownSamples, pooledSamples }: ExplainFacts): string {
  const earlier = (count: number): string => units(count, 'earlier run');
  const otherSamples = Math.max(0, pooledSamples - ownSamples);
  if (ownSamples === 0 && otherSamples === 0) {
    return 'These times are a first guess: no run has been measured yet.';
  }
  if (ownSamples === 0) {
    return `These times rest on ${earlier(otherSamples)} of other pipelines: none of this one has been measured yet.`;
  }
  const others = otherSamples === 0 ? '' : ` and ${otherSamples} of others`;
  return `These times rest on ${earlier(ownSamples)} of this pipeline${others}.`;
}

function finishedLines(run: RunView): readonly string[] {
  const lines: string[] = [];
  if (run.startedAtMs !== null && run.ours) {
    lines.push(
      `It had waited ${sayDuration(run.startedAtMs - run.heldSinceMs)} for its start, which counts toward no timeout.`,
    );
  }
  if (run.usage !== null) {
    const seconds = run.usage.cpuSeconds.toFixed(run.usage.cpuSeconds < 10 ? 2 : 0);
    const megabytes = Math.ceil(run.usage.peakMemoryBytes / 1_000_000);
    lines.push(`It used ${seconds} s of CPU time and at most ${megabytes} MB of memory.`);
  }
  return lines;
}
