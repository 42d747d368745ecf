/**
 * Everything there is to say about one run, in whatever state it is.
 */
import { startBound } from '../../core/admission/bound.ts';
import type { ExplainView, QueueEntry, RunView } from '../views.ts';
import { tooOldSentence } from './control-sentences.ts';
import { explainLines, stateSentence } from './explain-lines.ts';
import { heldUntilMs, queueEntry, type Scene, timesOf } from './queue.ts';
import { caveats } from './system-sentences.ts';

export function explainView(scene: Scene, run: RunView): ExplainView {
  const { nowMs, picture, outlook, say } = scene;
  const prospect = run.state === 'held' ? outlook.byId.get(run.id) : undefined;
  const entry = prospect === undefined ? entryPastWaiting(scene, run) : queueEntry(scene, run, prospect);
  const boundAtMs = prospect === undefined ? null : startBound(picture.snapshot, run.id);
  const evidence = picture.model.evidence(run);
  const facts = {
    ...entry,
    nowMs,
    decidedUpon: prospect !== undefined,
    boundAtMs,
    ...evidence,
    queueLength: outlook.prospects.length,
    front: picture.controls.fronts.find((front) => front.runId === run.id) ?? null,
    caveats: caveats(scene.health, nowMs, say),
  };
  return {
    ...entry,
    nowMs,
    aheadInPool: prospect?.aheadInPool ?? null,
    boundAtMs,
    ...evidence,
    lines: explainLines(facts, say),
  };
}

function entryPastWaiting(scene: Scene, run: RunView): QueueEntry {
  const expiresAtMs = heldUntilMs(scene, run.id);
  const times = run.outcome === null ? timesOf(scene, run.id) : null;
  return {
    run,
    position: null,
    reason: null,
    because:
      expiresAtMs !== null && expiresAtMs <= scene.nowMs
        ? tooOldSentence(scene.say.instant(scene.nowMs, expiresAtMs))
        : stateSentence(run, scene.nowMs, scene.say),
    startsAtMs: null,
    finishesAtMs: times?.finishesAtMs ?? null,
    expiresAtMs,
  };
}
