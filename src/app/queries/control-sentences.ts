/**
 * What operators ordered, in sentences: whose pause it is and how to take it back, who
 * moved a run to the front, until when a run may wait.
 *
 * Always true: pure; one line each.
 */
import type { Front, PauseTarget } from '../../ports/store.ts';
import type { StandingPause } from '../admission/controls.ts';

/** "everything", "tenant web", "pool linux/arm64". */
export function targetText(target: PauseTarget): string {
  return target.scope === 'everything' ? target.scope : `${target.scope} ${target.name}`;
}

export function sameTarget(a: PauseTarget, b: PauseTarget): boolean {
  return targetText(a) === targetText(b);
}

/** All pauses of the target, since each of them must be taken back. */
export function pauseSentence(
  target: PauseTarget,
  pauses: readonly StandingPause[],
  sayInstant: (atMs: number) => string,
): string {
  const standing = pauses.filter((pause) => sameTarget(pause.target, target));
  if (standing.length === 0) return `${subject(target)} is paused.`;
  return standing.map((pause) => onePause(pause, sayInstant)).join(' ');
}

function onePause(
  { target, source, by, sinceMs, reason }: StandingPause,
  sayInstant: (atMs: number) => string,
): string {
  switch (source) {
    case 'order': {
      const since = sinceMs === null ? '' : ` since ${sayInstant(sinceMs)}`;
      const why = reason === null ? '' : `: ${reason}`;
      return `${subject(target)} is paused by ${by ?? 'somebody'}${since}${withPeriod(why)} "${resumeCommand(target)}" takes that back.`;
    }
    case 'engine':
      return `${subject(target)} is paused in the engine${withPeriod(reason === null ? '' : `: ${reason}`)} It goes on once that is taken back there.`;
    case 'configuration':
      return target.scope === 'everything'
        ? 'Everything is paused: nothing starts until somebody takes the pause back in penstock.yaml.'
        : `${subject(target)} is paused: it starts once somebody takes that pause back in penstock.yaml.`;
  }
}

function subject(target: PauseTarget): string {
  return target.scope === 'everything' ? 'Everything' : `The ${target.scope} ${target.name}`;
}

function withPeriod(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function resumeCommand(target: PauseTarget): string {
  return target.scope === 'everything'
    ? 'penstock resume'
    : `penstock resume --${target.scope} ${target.name}`;
}

export function movedSentence({ by }: Front, atText: string): string {
  return `It was moved to the front by ${by} at ${atText}.`;
}

/** @param inTime whether the forecast starts it before */
export function expirySentence(untilText: string, inTime: boolean): string {
  const late = inTime ? '' : ' By the forecast its turn comes only after that.';
  return `It may wait until ${untilText}: if it has not started by then, it is cancelled for its age.${late}`;
}

export function tooOldSentence(sinceText: string): string {
  return `It has waited longer than its maximum age since ${sinceText}: it is not started any more and is being cancelled.`;
}
