/**
 * All migrations, oldest first. The version of a schema is the number of migrations it
 * has had.
 *
 * Always true: one that was ever released is never changed, removed or moved; a change of
 * the schema is a new one at the end.
 */
import type { Tx } from '../schema.ts';
import { firstTables } from './001-first-tables.ts';
import { operatorControls } from './002-operator-controls.ts';
import { runProfiles } from './003-run-profiles.ts';
import { policies } from './004-policies.ts';
import { testRuns } from './005-test-runs.ts';
import { policyHistory } from './006-policy-history.ts';
import { runForecasts } from './007-run-forecasts.ts';
import { leader } from './008-leader.ts';

/** It sees the tables of its own time: what it needs to know of them it writes down itself, not in `schema.ts`. */
export type Migration = (tx: Tx) => Promise<void>;

export const MIGRATIONS: readonly Migration[] = [
  firstTables,
  operatorControls,
  runProfiles,
  policies,
  testRuns,
  policyHistory,
  runForecasts,
  leader,
];
