/**
 * The queue as people see it: every held run in the order of its place, with why it waits
 * and when it should start and finish.
 */
import type { Quantiles, RunForecast } from '../../core/forecast/types.ts';
import type { RunId } from '../../core/model/run.ts';
import type { Sight } from '../access/rules.ts';
import { shownReason } from '../access/shown-reason.ts';
import { expiresAtMs } from '../admission/max-age.ts';
import type { AdmissionSettings } from '../settings.ts';
import type { QueueEntry, QueueView, RunView } from '../views.ts';
import type { Outlook, Prospect } from './outlook.ts';
import { countLive, type Picture } from './picture.ts';
import { reasonSentence } from './reason-sentences.ts';
import { viewOfObserved } from './runs.ts';
import type { SayWhen } from './say-when.ts';
import { type LoopHealth, retrySentence, startableSentence } from './system-sentences.ts';

/** Nobody reads further; the number of held runs is always told in full. */
const ENTRIES_MAX = 10_000;

export interface Scene {
  readonly nowMs: number;
  readonly picture: Picture;
  readonly outlook: Outlook;
  readonly forecasts: ReadonlyMap<RunId, RunForecast>;
  readonly health: LoopHealth;
  readonly say: SayWhen;
  readonly settings: Pick<AdmissionSettings, 'mode' | 'maxHeldMs'>;
  /** What whoever asks may see; places in the queue count the rest without naming it. */
  readonly sees: Sight;
}

const ENTRIES_PER_STEP = 1_000;

/** Yields now and then, since queues may be long. */
export function* queueView(scene: Scene): Generator<void, QueueView> {
  const { nowMs, picture } = scene;
  const counts = countLive(picture);
  const entries: QueueEntry[] = [];
  for (const [prospect, run] of waiting(scene)) {
    if (entries.length === ENTRIES_MAX) break;
    if (entries.length % ENTRIES_PER_STEP === ENTRIES_PER_STEP - 1) yield;
    if (scene.sees(run.project)) entries.push(queueEntry(scene, run, prospect));
  }
  return { nowMs, ...counts, entries };
}

/** The same entries, each as those may read it who see its own project and no other. */
export function* entriesForTheirProjects(scene: Omit<Scene, 'sees'>): Generator<void, readonly QueueEntry[]> {
  const entries: QueueEntry[] = [];
  for (const [prospect, run] of waiting(scene)) {
    if (entries.length === ENTRIES_MAX) break;
    if (entries.length % ENTRIES_PER_STEP === ENTRIES_PER_STEP - 1) yield;
    const sees: Sight = (project) => project === run.project;
    entries.push(queueEntry({ ...scene, sees }, run, prospect));
  }
  return entries;
}

function* waiting({ outlook, picture }: Omit<Scene, 'sees'>): Generator<readonly [Prospect, RunView]> {
  for (const prospect of outlook.prospects) {
    const observed = picture.runs.get(prospect.run.id);
    if (observed !== undefined) yield [prospect, viewOfObserved(observed, picture.starting)];
  }
}

export function queueEntry(scene: Scene, run: RunView, prospect: Prospect): QueueEntry {
  const times = prospect.plan === null ? null : timesOf(scene, run.id);
  return {
    run,
    position: prospect.plan?.position ?? null,
    reason: prospect.reason === null ? null : shownReason(prospect.reason, seesRun(scene)),
    because: because(scene, prospect),
    startsAtMs: times?.startsAtMs ?? null,
    finishesAtMs: times?.finishesAtMs ?? null,
    expiresAtMs: heldUntilMs(scene, run.id),
  };
}

/** What has not happened yet happens no earlier than now, though the forecast is some moments old. */
export function timesOf(
  scene: Scene,
  id: RunId,
): { readonly startsAtMs: Quantiles; readonly finishesAtMs: Quantiles } | null {
  const forecast = scene.forecasts.get(id);
  if (forecast === undefined) return null;
  return {
    startsAtMs: notBefore(forecast.startAtMs, scene.nowMs),
    finishesAtMs: notBefore(forecast.finishAtMs, scene.nowMs),
  };
}

/** When a held run is too old to wait any longer; null where nothing limits it. */
export function heldUntilMs({ picture, settings }: Scene, id: RunId): number | null {
  const run = picture.runs.get(id);
  const limited = run?.state === 'held' && run.ours && settings.mode === 'enforce';
  return limited ? expiresAtMs(run, settings) : null;
}

function notBefore(quantiles: Quantiles, nowMs: number): Quantiles {
  const { p10, p50, p90 } = quantiles;
  return { p10: Math.max(p10, nowMs), p50: Math.max(p50, nowMs), p90: Math.max(p90, nowMs) };
}

/** One that is not seen any more is of no known project. */
function seesRun({ picture, sees }: Scene): (id: RunId) => boolean {
  return (id) => sees(picture.runs.get(id)?.project ?? null);
}

function because(scene: Scene, { run, reason, aheadInPool }: Prospect): string {
  const { nowMs, say } = scene;
  const retry = scene.picture.retries.get(run.id);
  if (reason?.kind !== 'malformed' && retry !== undefined && retry.untilMs > nowMs)
    return retrySentence(retry, nowMs, say);
  if (reason === null) return startableSentence(scene.health);
  const { controls } = scene.picture;
  return reasonSentence(shownReason(reason, seesRun(scene)), {
    aheadInPool,
    controls,
    sayInstant: (atMs) => say.instant(nowMs, atMs),
  });
}
