/**
 * One decision of the loop, from everything a pass has read: what stands of operators'
 * orders is put together with the settings and what the engine says, and decided upon.
 *
 * Always true: pure but for what it is given.
 */
import { decide } from '../../core/admission/decide.ts';
import type { Decision } from '../../core/model/decision.ts';
import type { Grant, Pool, Snapshot } from '../../core/model/snapshot.ts';
import type { Controls } from '../../ports/store.ts';
import type { AdmissionSettings } from '../settings.ts';
import { buildSnapshot, type SnapshotInput } from './build-snapshot.ts';
import {
  ownGrants,
  type StandingControls,
  standingControls,
  steered,
  withFronts,
  withPauses,
} from './controls.ts';
import type { Sight } from './lookout.ts';

export interface PassInput extends Omit<SnapshotInput, 'settings' | 'pools' | 'runs'> {
  readonly settings: AdmissionSettings;
  readonly sight: Sight & { readonly pools: readonly Pool[] };
  readonly orders: Controls;
}

export interface DecidedPass {
  readonly controls: StandingControls;
  readonly snapshot: Snapshot;
  readonly decision: Decision;
  /** Those of the decision that are to be written down. */
  readonly grants: readonly Grant[];
}

export function decidePass(input: PassInput): DecidedPass {
  const { sight, orders, nowMs } = input;
  const hints = sight.observation.tenants ?? [];
  const controls = standingControls({ settings: input.settings, orders, hints });
  const settings = steered(input.settings, controls);
  const pools = withPauses(sight.pools, settings);
  const { runs } = sight;
  const { tenants } = settings;
  const grants = withFronts(input.grants, { nowMs, fronts: controls.fronts, runs, pools, tenants });
  const snapshot = buildSnapshot({ ...input, settings, pools, grants, runs: sight.observation.runs });
  const decision = decide(snapshot);
  return { controls, snapshot, decision, grants: ownGrants(decision.grants, controls) };
}
