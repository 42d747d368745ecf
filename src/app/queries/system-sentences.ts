/**
 * What people should know about Penstock itself when they ask about a run: that nothing
 * starts for now, or that what is shown may be out of date. One line each.
 */
import type { Doubt, DoubtSource } from '../admission/events.ts';
import type { AdmissionHealth, Retry } from '../admission/view.ts';
import type { SayWhen } from './say-when.ts';

/** Health of the loop beside which questions are answered; null where none runs. */
export type LoopHealth = AdmissionHealth | null;

const IN_DOUBT: Readonly<Record<DoubtSource, readonly [trouble: string, effect: string]>> = {
  engine: ['the engine does not answer', 'nothing starts, and this may be out of date'],
  capacity: ['the sizes of the pools cannot be read', 'nothing starts'],
  store: ['the store cannot be read or written', 'nothing starts'],
  history: ['finished runs cannot be recorded', 'they are recorded later'],
  admission: ['deciding fails', 'nothing starts'],
};

export function caveats(health: LoopHealth, nowMs: number, say: SayWhen): readonly string[] {
  if (health === null) {
    return ['No "penstock serve" is running on this data: nothing starts until one is.'];
  }
  const lines = health.doubts.map((doubt) => doubtLine(doubt, nowMs, say));
  if (health.following !== null) {
    const leader = health.following.leader ?? 'nobody yet';
    lines.unshift(
      `Another Penstock leads here (${leader}); this one only watches, so its times may be behind.`,
    );
  }
  if (health.waitingUntilMs !== null && health.waitingUntilMs > nowMs) {
    const until = say.instant(nowMs, health.waitingUntilMs);
    lines.unshift(
      `Nothing starts before ${until}: until then, starts that Penstock asked for before it was restarted, or that another one asked for, may still take effect.`,
    );
  }
  if (health.stopping) lines.unshift('Penstock is stopping: nothing starts until it runs again.');
  if (health.mode === 'shadow')
    lines.unshift('Penstock only watches here (mode: shadow): it starts nothing.');
  return lines;
}

/** For a run that nothing keeps from starting. */
export function startableSentence(health: LoopHealth): string {
  const startsNow =
    health !== null &&
    health.mode === 'enforce' &&
    !health.stopping &&
    health.waitingUntilMs === null &&
    health.following === null &&
    health.doubts.every((doubt) => doubt.source === 'history');
  return startsNow ? 'It fits and starts now.' : 'It fits and would start now.';
}

export function retrySentence(retry: Retry, nowMs: number, say: SayWhen): string {
  const when = say.instant(nowMs, retry.untilMs);
  const tries = retry.attempts === 1 ? '' : `, after ${retry.attempts} tries`;
  return `It could not be started (${retry.why}); it is tried again at ${when}${tries}.`;
}

function doubtLine(doubt: Doubt, nowMs: number, say: SayWhen): string {
  const [trouble, effect] = IN_DOUBT[doubt.source];
  return `Since ${say.instant(nowMs, doubt.sinceMs)} ${trouble} (${doubt.error}): ${effect}.`;
}
