/**
 * A field that the app answers and the contract does not list would vanish on its way out
 * without an error. The types below do not compile when the two differ, and the examples
 * go through the schemas whole.
 */

import { expect, test } from 'vitest';
import type { z } from 'zod';
import type { AssessmentSchema } from '../../src/api/contract/assessment.ts';
import type { AuditSchema, ControlsSchema, OrderedSchema } from '../../src/api/contract/controls.ts';
import type { ImportedRunsSchema, PolicyHistorySchema } from '../../src/api/contract/history.ts';
import type {
  LaunchesSchema,
  OccurrencesSchema,
  OrderedOccurrenceSchema,
  PoliciesSchema,
  PolicyDetailSchema,
} from '../../src/api/contract/policies.ts';
import type { ShadowReportSchema } from '../../src/api/contract/shadow.ts';
import {
  CreateRunsSchema,
  type ExplanationSchema,
  ForecastSchema,
  type ForecastsSchema,
  HoldReasonSchema,
  type LogsSchema,
  type PoolSchema,
  type QueueSchema,
  type RunDetailSchema,
  type RunSchema,
  type RunsSchema,
} from '../../src/api/contract.ts';
import { newRunsOf } from '../../src/api/new-runs.ts';
import type { Writable } from '../../src/api/routes/responses.ts';
import type { ImportView, PolicyHistoryView } from '../../src/app/history/policy-history.ts';
import type { LaunchesView, OccurrencesView } from '../../src/app/policies/occurrence-views.ts';
import type { OrderedView as OrderedOccurrence } from '../../src/app/policies/policies.ts';
import type { PoliciesView, PolicyDetail } from '../../src/app/policies/registered-policy.ts';
import type { ShadowReport } from '../../src/app/shadow/report.ts';
import type {
  ControlsView,
  ExplainView,
  OrderedView,
  Penstock,
  PoolView,
  QueueView,
  RunDetail,
  RunsView,
  RunView,
} from '../../src/app/views.ts';
import type { Assessment } from '../../src/core/assessment/report.ts';
import type { QueueForecast } from '../../src/core/forecast/types.ts';
import type { HoldReason } from '../../src/core/model/decision.ts';
import type { LogChunk } from '../../src/ports/engine.ts';
import type { AuditPage } from '../../src/ports/store.ts';

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? SameKeys<A, B> : false) : false;
type SameKeys<A, B> = [keyof A] extends [keyof B] ? ([keyof B] extends [keyof A] ? true : false) : false;
type Answer<Schema extends z.ZodType, View> = Same<z.output<Schema>, Writable<View>>;
type Forecasts = { forecasts: Awaited<ReturnType<Penstock['forecasts']>> };

const contractIsComplete: readonly [
  Answer<typeof RunSchema, RunView>,
  Answer<typeof RunDetailSchema, RunDetail>,
  Answer<typeof RunsSchema, RunsView>,
  Answer<typeof QueueSchema, QueueView>,
  Answer<typeof ExplanationSchema, ExplainView>,
  Answer<typeof PoolSchema, PoolView>,
  Answer<typeof ForecastSchema, QueueForecast>,
  Answer<typeof ForecastsSchema, Forecasts>,
  Answer<typeof LogsSchema, { id: string; steps: readonly LogChunk[] }>,
  Answer<typeof ControlsSchema, ControlsView>,
  Answer<typeof OrderedSchema, OrderedView>,
  Answer<typeof AuditSchema, AuditPage>,
  Answer<typeof ShadowReportSchema, ShadowReport>,
  Answer<typeof AssessmentSchema, Assessment>,
  Answer<typeof PoliciesSchema, PoliciesView>,
  SameKeys<z.output<typeof PolicyDetailSchema>, PolicyDetail>,
  Answer<typeof OccurrencesSchema, OccurrencesView>,
  Answer<typeof LaunchesSchema, LaunchesView>,
  Answer<typeof PolicyHistorySchema, PolicyHistoryView>,
  Answer<typeof ImportedRunsSchema, ImportView>,
  Answer<typeof OrderedOccurrenceSchema, OrderedOccurrence>,
] = [
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
];

test('the contract lists every field of every view', () => {
  expect(contractIsComplete.every((holds) => holds)).toBe(true);
});

const reasons: { readonly [Kind in HoldReason['kind']]: Extract<HoldReason, { readonly kind: Kind }> } = {
  paused: { kind: 'paused', scope: 'tenant', name: 'payments' },
  'unknown-pool': { kind: 'unknown-pool', pool: 'linux/vax', known: ['runs'] },
  malformed: { kind: 'malformed', problem: 'annotation x: must be a whole number' },
  'unknown-priority': { kind: 'unknown-priority', priority: 'urgent', known: ['normal'] },
  'never-fits': { kind: 'never-fits', pool: 'runs', asked: 9, size: 8 },
  'never-fits-cap': { kind: 'never-fits-cap', pool: 'runs', tenant: 'web', asked: 3, cap: 2 },
  'capacity-in-doubt': { kind: 'capacity-in-doubt', pool: 'runs', doubt: 'stale' },
  'pool-full': { kind: 'pool-full', pool: 'runs', asked: 1, free: 0, size: 8 },
  'tenant-cap': { kind: 'tenant-cap', pool: 'runs', tenant: 'web', asked: 1, free: 0, cap: 2 },
  reserved: { kind: 'reserved', pool: 'runs', forRun: 'build-1' as never, promisedAtMs: 1_000 },
  behind: {
    kind: 'behind',
    head: 'build-1' as never,
    ahead: 3,
    first: { kind: 'pool-full', pool: 'runs', asked: 1, free: 0, size: 8 },
  },
};

test.each(Object.values(reasons))('the reason $kind goes through the contract whole', (reason) => {
  expect(HoldReasonSchema.parse(reason)).toEqual(reason);
});

test('a pause of everything has no name, and goes through whole too', () => {
  const everything = { kind: 'paused', scope: 'everything' } as const;
  expect(HoldReasonSchema.parse(everything)).toEqual(everything);
});

const request = (more: object) => CreateRunsSchema.parse({ content: 'x', project: 'shop', ...more });

test('ids sort in the order of the runs', () => {
  const ids = newRunsOf(request({ name: 'build', count: 120 })).map((run) => run.id);
  expect(ids).toHaveLength(120);
  expect(ids.toSorted()).toEqual(ids);
  expect(ids[0]).toMatch(/^build-[a-z2-9]{6}-001$/);
});

test('the same key means the same runs, another key other ones', () => {
  const first = newRunsOf(request({ key: 'monday-build', count: 2 })).map((run) => run.id);
  const again = newRunsOf(request({ key: 'monday-build', count: 2 })).map((run) => run.id);
  const other = newRunsOf(request({ key: 'tuesday-build', count: 2 })).map((run) => run.id);
  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
});

test('a forecast with a number that is no number is refused, not sent', () => {
  expect(ForecastSchema.shape.finishAtMs.safeParse({ p10: 1, p50: Number.NaN, p90: 2 }).success).toBe(false);
});
