/**
 * Why a run waits, in a sentence for somebody who has never seen Penstock. It says what
 * the run waits for with its numbers, and, where waiting alone will not help, what to do.
 *
 * Always true: every kind of hold reason has a sentence; sentences are one line each.
 */
import { assert } from '../../core/assert.ts';
import { RUNS_POOL } from '../../core/model/run.ts';
import type { PauseTarget } from '../../ports/store.ts';
import type { ShownReason } from '../access/shown-reason.ts';
import type { StandingControls } from '../admission/controls.ts';
import { pauseSentence } from './control-sentences.ts';
import { units } from './say-when.ts';

export interface SentenceContext {
  /** Held runs that ask for the pool it waits for and are planned to start earlier; null when not known. */
  readonly aheadInPool: number | null;
  readonly sayInstant: (atMs: number) => string;
  readonly controls: Pick<StandingControls, 'pauses' | 'fronts'>;
}

export function reasonSentence(reason: ShownReason, context: SentenceContext): string {
  switch (reason.kind) {
    case 'malformed':
      return `It cannot start: ${reason.problem}. Mend that, and it takes its place in the queue.`;
    case 'paused':
      return pauseSentence(targetOf(reason), context.controls.pauses, context.sayInstant);
    case 'unknown-pool':
      return `It asks for pool ${reason.pool}, which is not configured: it cannot start. ${useOneOf(reason.known, 'the pool')}`;
    case 'unknown-priority':
      return `It has priority ${reason.priority}, which is not configured: it cannot start. ${useOneOf(reason.known, 'the priority')}`;
    case 'never-fits':
      return neverFitsSentence(reason);
    case 'never-fits-cap':
      return neverFitsCapSentence(reason);
    case 'capacity-in-doubt':
      return `How much of ${reason.pool} is free is in doubt (${reason.doubt}), so nothing that needs it starts. Check where its size comes from; it goes on by itself as soon as the size is known again.`;
    case 'pool-full':
      return poolFullSentence(reason, context);
    case 'tenant-cap':
      return `Waiting for tenant ${reason.tenant} to use less of ${reason.pool}: ${reason.free} of the ${reason.cap} it may use at once free${asksFor(reason.asked)}${aheadThere(context)}.`;
    case 'reserved':
      return `Waiting although ${reason.pool} has room: it is kept for ${reason.forRun === null ? 'a run of another project' : `run ${reason.forRun}`}, ${whyKept(reason, context)}.`;
    case 'behind':
      return behindSentence(reason, context);
    default:
      return assertNever(reason);
  }
}

type Reason<Kind extends ShownReason['kind']> = Extract<ShownReason, { readonly kind: Kind }>;

function targetOf(reason: Reason<'paused'>): PauseTarget {
  if (reason.scope === 'everything') return { scope: reason.scope };
  return { scope: reason.scope, name: reason.name };
}

function whyKept(reason: Reason<'reserved'>, context: SentenceContext): string {
  const front = context.controls.fronts.find(({ runId }) => runId === reason.forRun);
  if (front === undefined) {
    return `which has waited longer and should get it about ${context.sayInstant(reason.promisedAtMs)}`;
  }
  return `which ${front.by} moved to the front at ${context.sayInstant(front.atMs)}`;
}

function neverFitsSentence(reason: Reason<'never-fits'>): string {
  const { pool, asked, size } = reason;
  if (size === 0) {
    return `It asks for ${asked} of ${pool}, which has none: it cannot start. Raise the pool's size in penstock.yaml, or cancel it and create it without ${pool}.`;
  }
  return `It asks for ${asked} of ${pool}, which has only ${size}: it can never start. Ask for at most ${size}, or raise the pool's size in penstock.yaml.`;
}

function neverFitsCapSentence(reason: Reason<'never-fits-cap'>): string {
  const { pool, tenant, asked, cap } = reason;
  const most = cap === 0 ? 'none' : `at most ${cap}`;
  const ask = cap === 0 ? `Do not ask for ${pool}` : `Ask for at most ${cap}`;
  return `It asks for ${asked} of ${pool}, and tenant ${tenant} may use ${most} at once: it can never start. ${ask}, or raise the tenant's cap in penstock.yaml.`;
}

function poolFullSentence(reason: Reason<'pool-full'>, context: SentenceContext): string {
  const { pool, asked, free, size } = reason;
  if (pool !== RUNS_POOL) {
    return `Waiting for ${pool}: ${free} of ${size} free${asksFor(asked)}${aheadThere(context)}.`;
  }
  const ahead = context.aheadInPool === null ? '' : `, ${peopleAhead(context.aheadInPool)}`;
  return `Waiting for a slot: ${free} of ${size} free${asksFor(asked)}${ahead}.`;
}

/** All runs of a class wait for the same, so what holds for its first run holds for this one. */
function behindSentence(reason: Reason<'behind'>, context: SentenceContext): string {
  const first = reasonSentence(reason.first, context);
  const waitsInLine = reason.first.kind === 'pool-full' || reason.first.kind === 'tenant-cap';
  if (waitsInLine && context.aheadInPool !== null) return first;
  return `${first} ${units(reason.ahead, 'run')} of the same kind ${reason.ahead === 1 ? 'goes' : 'go'} first.`;
}

function asksFor(asked: number): string {
  return asked === 1 ? '' : ` and it asks for ${asked}`;
}

function aheadThere(context: SentenceContext): string {
  if (context.aheadInPool === null) return '';
  return `, ${peopleAhead(context.aheadInPool)} there`;
}

function peopleAhead(count: number): string {
  return `${count === 0 ? 'nobody' : count} ahead of you`;
}

function useOneOf(known: readonly string[], what: string): string {
  if (known.length === 0) return `Add ${what} to penstock.yaml.`;
  return `Cancel it and create it again with one of ${known.join(', ')}, or add ${what} to penstock.yaml.`;
}

function assertNever(reason: never): never {
  assert(false, `no sentence for the hold reason ${JSON.stringify(reason)}`);
}
