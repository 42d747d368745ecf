/**
 * From what a meter shows to what others use: everything it shows beyond what Penstock itself
 * had listed *at that time*. A meter is late by its scrape interval; comparing it with the list
 * of now would take each burst of starts for somebody else's, or hide somebody else behind it.
 *
 * Always true:
 * - Around the scrape gauge and list see changes at slightly different moments, so what others
 *   use lies between two bounds. As long as the bounds of one scrape and the next overlap, others
 *   are taken not to have changed, and what both allow remains; else the newer bounds stand alone.
 *   The upper bound is what counts. So jitter makes no phantom use for longer than a scrape, and
 *   a burst of starts right after a scrape hides nobody (taking the count that explains most
 *   would: ten starts a second after the scrape would explain ten runs of others away).
 * - Looking twice at one scrape changes nothing.
 * - Where all runs are listed, the list is the truth and others use nothing beyond it; the
 *   meter is a cross-check, and a disagreement that lasts is told.
 */
import type { MeteredUse } from '../../ports/capacity.ts';
import type { ListedAt } from './listed-history.ts';
import { NO_EVIDENCE, type PendingEvidence, weighed } from './pending-counted.ts';
import { distance, type Range } from './range.ts';
import { NOT_STUCK, type Streak, streakWith, stuckDoubt } from './stuck.ts';

/** How long before and after its scrape a gauge may have counted what the list shows. */
export const SEEN_BEFORE_MS = 2_000;
export const SEEN_AFTER_MS = 1_000;

export type CrossCheck =
  | { readonly kind: 'agrees' }
  | {
      readonly kind: 'disagrees';
      readonly units: number;
      readonly listedLeast: number;
      readonly listedMost: number;
      readonly sinceMs: number;
      readonly scrapes: number;
    }
  | { readonly kind: 'unusable'; readonly why: string };

export interface MeterState {
  readonly pending: PendingEvidence;
  readonly streak: Streak;
  /** What others use, as narrowly as the scrapes since it last changed tell. */
  readonly others: Range | null;
  readonly scrape: Scrape | null;
  readonly apart: { readonly sinceMs: number; readonly scrapes: number } | null;
}

interface Scrape {
  readonly toMs: number;
  readonly units: number;
  /** What was known of others before it: the list of that time is not complete when it is first seen. */
  readonly othersBefore: Range | null;
}

export const NEW_METER: MeterState = {
  pending: NO_EVIDENCE,
  streak: NOT_STUCK,
  others: null,
  scrape: null,
  apart: null,
};

export interface MeterInput {
  readonly use: MeteredUse;
  /** What was listed around the scrape; empty when that is not known. */
  readonly listed: readonly ListedAt[];
  /** The list has everybody's runs in it. */
  readonly listsAll: boolean;
}

export interface MeterVerdict {
  readonly state: MeterState;
  readonly otherUse: number;
  readonly doubt: string | null;
  readonly crossCheck: CrossCheck;
}

/** More scrapes than this in a row must disagree before it is told. */
const TOLERATED_SCRAPES = 2;

export function otherUseOf(before: MeterState, input: MeterInput): MeterVerdict {
  const { use, listed, listsAll } = input;
  const unusable =
    use.doubt ?? (listed.length > 0 ? null : `${use.signal} shows a time before Penstock looked`);
  if (unusable !== null) return inDoubt(before, unusable, listsAll);
  const bounds = boundsOf(listed);
  const state = isNewScrape(before, use) ? withScrape(before, input, bounds) : before;
  const explained = explainedBy(use, state, bounds);
  if (listsAll) return checked(state, use, explained ?? bounds.started);
  if (explained === null) {
    return inDoubt(
      state,
      `whether ${use.signal}, which shows ${use.units}, counts ${bounds.held.most} held runs is not known yet; ` +
        'setting countsPending to yes or no settles it',
      false,
    );
  }
  const doubt = belowListed(use, explained) ?? stuckDoubt(use, state.streak);
  const others = narrowed(state.scrape?.othersBefore ?? null, {
    least: Math.max(0, use.units - explained.most),
    most: Math.max(0, use.units - explained.least),
  });
  return { state: { ...state, others }, otherUse: others.most, doubt, crossCheck: { kind: 'agrees' } };
}

/** Units by which a gauge and a list may differ though both are right. */
function jitterOf(units: number): number {
  return Math.max(2, Math.ceil(units / 50));
}

interface Bounds {
  readonly started: Range;
  readonly all: Range;
  readonly held: Range;
}

function boundsOf(listed: readonly ListedAt[]): Bounds {
  const held = listed.map((one) => one.held);
  return {
    started: {
      least: Math.min(...listed.map(({ least }) => least)),
      most: Math.max(...listed.map(({ most }) => most)),
    },
    all: {
      // Between held and observed running a run is counted all the same.
      least: Math.min(...listed.map(({ most, held }) => most + held)),
      most: Math.max(...listed.map(({ most, held }) => most + held)),
    },
    held: { least: Math.min(...held), most: Math.max(...held) },
  };
}

function isNewScrape({ scrape }: MeterState, use: MeteredUse): boolean {
  if (scrape === null) return true;
  // The same scrape asked for again lies within the same second, give or take the round trip.
  return use.trueToMs - scrape.toMs > 1_000 || use.units !== scrape.units;
}

function withScrape(before: MeterState, { use, listsAll }: MeterInput, bounds: Bounds): MeterState {
  const sighting = { units: use.units, ...bounds };
  const pending = weighed(before.pending, sighting, { jitter: jitterOf(use.units), listsAll });
  const explained = explainedBy(use, { ...before, pending }, bounds) ?? bounds.started;
  const gap = distance(use.units, explained);
  const apart =
    gap <= jitterOf(use.units)
      ? null
      : { sinceMs: before.apart?.sinceMs ?? use.trueToMs, scrapes: (before.apart?.scrapes ?? 0) + 1 };
  return {
    ...before,
    pending,
    streak: streakWith(before.streak, use, explained),
    scrape: { toMs: use.trueToMs, units: use.units, othersBefore: before.others },
    apart,
  };
}

/** What the list explains of the gauge; null while it is not known whether held runs count. */
function explainedBy(use: MeteredUse, { pending }: MeterState, bounds: Bounds): Range | null {
  const counts = use.countsPending === 'auto' ? pending.answer : use.countsPending;
  if (counts === 'yes') return bounds.all;
  if (counts === 'no' || bounds.held.most === 0) return bounds.started;
  // So few that it makes no difference: the answer that leaves more to others is taken.
  return bounds.held.most <= jitterOf(use.units) ? bounds.started : null;
}

/** In twenty units one may be missing for a moment; of few none, since each of them counts. */
function belowListed(use: MeteredUse, explained: Range): string | null {
  if (use.units >= explained.least - Math.floor(explained.least / 20)) return null;
  return `${use.signal} shows ${use.units} for ${use.pool} while at least ${explained.least} were seen`;
}

function narrowed(before: Range | null, now: Range): Range {
  if (before === null || before.least > now.most || before.most < now.least) return now;
  return { least: Math.max(before.least, now.least), most: Math.min(before.most, now.most) };
}

function checked(state: MeterState, use: MeteredUse, explained: Range): MeterVerdict {
  const { apart } = state;
  const crossCheck: CrossCheck =
    apart === null || apart.scrapes <= TOLERATED_SCRAPES
      ? { kind: 'agrees' }
      : {
          kind: 'disagrees',
          units: use.units,
          listedLeast: explained.least,
          listedMost: explained.most,
          ...apart,
        };
  return { state: { ...state, others: null }, otherUse: 0, doubt: null, crossCheck };
}

function inDoubt(state: MeterState, why: string, listsAll: boolean): MeterVerdict {
  const crossCheck: CrossCheck = { kind: 'unusable', why };
  if (listsAll) return { state, otherUse: 0, doubt: null, crossCheck };
  return { state, otherUse: state.others?.most ?? 0, doubt: why, crossCheck };
}
