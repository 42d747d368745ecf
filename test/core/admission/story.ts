/** A story: a snapshot and what is decided on it. What is not said is none. */
import { expect } from 'vitest';
import { decide } from '../../../src/core/admission/decide.ts';
import type { Decision } from '../../../src/core/model/decision.ts';
import type { Snapshot } from '../../../src/core/model/snapshot.ts';
import { ids } from '../../builders/admission.ts';

export interface Story {
  readonly name: string;
  readonly snapshot: Snapshot;
  readonly wantStarts: readonly string[];
  readonly wantGrants?: Decision['grants'];
  readonly wantReviewAtMs?: number;
}

export function check({ snapshot, wantStarts, wantGrants, wantReviewAtMs }: Story): void {
  const want: Decision = {
    starts: ids(...wantStarts),
    grants: wantGrants ?? [],
    reviewAtMs: wantReviewAtMs ?? null,
  };
  expect(decide(snapshot)).toEqual(want);
}
