/**
 * Which held runs a decision is about: those that Penstock held, or was told to adopt; and in
 * shadow mode, if it is so set, also those that somebody else holds, so that people see what
 * Penstock would do with them.
 *
 * Always true: where runs are started, only what is ours is decided upon.
 */
import type { ObservedRun } from '../../ports/engine.ts';
import type { AdmissionSettings } from '../settings.ts';

export function isDecidedUpon(
  run: Pick<ObservedRun, 'ours'>,
  settings: Pick<AdmissionSettings, 'mode' | 'shadowAdopts'>,
): boolean {
  return run.ours || (settings.mode === 'shadow' && settings.shadowAdopts === 'all');
}
