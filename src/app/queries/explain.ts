/**
 * Everything there is to say about one run, in whatever state it is.
 */
import { startBound } from '../../core/admission/bound.ts';
import type { ExplainView, QueueEntry, RunView } from '../views.ts';
import { explainLines, stateSentence } from './explain-lines.ts';
import { queueEntry, type Scene, timesOf } from './queue.ts';
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
    boundAtMs,
    ...evidence,
    queueLength: outlook.prospects.length,
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
  const times = run.outcome === null ? timesOf(scene, run.id) : null;
  return {
    run,
    position: null,
    reason: null,
    because: stateSentence(run, scene.nowMs, scene.say),
    startsAtMs: null,
    finishesAtMs: times?.finishesAtMs ?? null,
  };
}
