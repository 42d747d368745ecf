/** What stands of operators' orders, of the configuration's and of the engine's own. */
import type { Controls, PauseTarget } from '../../ports/store.ts';
import type { Sight } from '../access/rules.ts';
import { type StandingPause, standingControls } from '../admission/controls.ts';
import type { AdmissionView } from '../admission/view.ts';
import type { AdmissionSettings } from '../settings.ts';
import type { ControlsView, PauseView } from '../views.ts';
import { sameTarget } from './control-sentences.ts';
import { liveState, type Picture } from './picture.ts';

export interface ControlsScene {
  readonly nowMs: number;
  readonly settings: AdmissionSettings;
  /** As they are in the store at this moment. */
  readonly orders: Controls;
  readonly picture: Picture;
  /** The loop's last pass; null before the first; undefined where no loop runs, and so nothing starts. */
  readonly lastPass: AdmissionView | null | undefined;
}

export function controlsView(scene: ControlsScene): ControlsView {
  const { nowMs, settings, orders, picture } = scene;
  const { pauses, caps, fronts } = standingControls({ settings, orders, hints: picture.hints });
  return {
    nowMs,
    pauses: pauses.map((pause) => pauseView(scene, pause)),
    caps,
    fronts,
    maxHeldMs: settings.maxHeldMs,
  };
}

/** Pauses of everything and of pools are for all to see; what is of a tenant, for who sees one of its projects. */
export function controlsAsSeen(view: ControlsView, picture: Picture, sees: Sight): ControlsView {
  if (sees(null)) return view;
  const tenants = new Set<string>();
  for (const run of picture.runs.values()) if (sees(run.project)) tenants.add(run.tenant);
  return {
    ...view,
    pauses: view.pauses.filter(({ target }) => target.scope !== 'tenant' || tenants.has(target.name)),
    caps: view.caps.filter(({ tenant }) => tenants.has(tenant)),
    fronts: view.fronts.filter(({ runId }) => sees(picture.runs.get(runId)?.project ?? null)),
  };
}

function pauseView({ picture, lastPass }: ControlsScene, pause: StandingPause): PauseView {
  const isKnown = (known: StandingPause): boolean =>
    known.source === pause.source &&
    known.sinceMs === pause.sinceMs &&
    sameTarget(known.target, pause.target);
  return {
    ...pause,
    inForce: lastPass === undefined || (lastPass?.controls.pauses.some(isKnown) ?? false),
    ...countCovered(picture, pause.target),
  };
}

function countCovered(picture: Picture, target: PauseTarget): { active: number; held: number } {
  const covered = { active: 0, held: 0 };
  for (const run of picture.runs.values()) {
    if (!run.ours || (target.scope === 'tenant' && run.tenant !== target.name)) continue;
    if (target.scope === 'pool' && run.requests[target.name] === undefined) continue;
    const state = liveState(run, picture.starting);
    if (state === 'held') covered.held += 1;
    else if (state === 'starting' || state === 'running') covered.active += 1;
  }
  return covered;
}
