/** Compares a decision with the oracle's; says nothing when they agree. */
import { decide } from '../../../src/core/admission/decide.ts';
import type { Decision } from '../../../src/core/model/decision.ts';
import type { Snapshot } from '../../../src/core/model/snapshot.ts';
import { oracle } from './oracle.ts';

/** Null when both agree, else both answers and the snapshot, as text to paste into a test. */
export function difference(snapshot: Snapshot, decision: Decision = decide(snapshot)): string | null {
  const want = textOf(oracle(snapshot));
  const got = textOf(decision);
  return want === got ? null : `oracle ${want}\ndecide ${got}\nsnapshot ${JSON.stringify(snapshot)}`;
}

function textOf({ starts, grants, reviewAtMs }: Decision): string {
  const terms = grants.map((grant) => [grant.runId, grant.grantedAtMs, grant.promisedAtMs]);
  return JSON.stringify({ starts, grants: terms, reviewAtMs });
}
