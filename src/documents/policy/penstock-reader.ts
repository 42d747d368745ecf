/** Reads one `PipelineExecutionPolicy`, Penstock's own policy document, into a policy. */
import type { CatchUp, Json, Policy, PolicyContent } from '../../core/policy/model.ts';
import type { Selector } from '../../core/policy/scope.ts';
import type { PolicyField } from '../../core/policy/surprise.ts';
import { surprisesOf } from '../../core/policy/surprises.ts';
import { WEEKDAYS } from '../../core/schedule/calendar.ts';
import type { Recurrence } from '../../core/schedule/schedule.ts';
import { pathOf } from '../problem-text.ts';
import type { Path } from '../yaml/places.ts';
import { OWN_POLICY, type PenstockPolicy } from './penstock-schema.ts';
import { type PolicyDocument, type PolicyReport, Problems } from './report.ts';
import { sorted } from './schedule-parts.ts';

type Spec = PenstockPolicy['spec'];

export function readPenstockPolicy(document: PolicyDocument, nowMs: number): PolicyReport {
  const problems = new Problems(document);
  const result = OWN_POLICY.safeParse(document.value);
  for (const issue of result.error?.issues ?? []) problems.error(pathOf(issue), issue.message);
  if (result.data === undefined) return { policies: [], problems: problems.found };
  const policy = policyOf(result.data);
  for (const { code, field, message } of surprisesOf(policy, nowMs)) {
    problems.warning(code, FIELDS[field], message);
  }
  return { policies: [{ policy, path: [], document }], problems: problems.found };
}

const FIELDS: Readonly<Record<PolicyField, Path>> = {
  branches: ['spec', 'branches'],
  catchUp: ['spec', 'catchUp', 'limit'],
  daysOfMonth: ['spec', 'schedule', 'daysOfMonth'],
  scope: ['spec', 'scope'],
  snooze: ['spec', 'snooze', 'until'],
  startTime: ['spec', 'schedule', 'startTime'],
  windowLength: ['spec', 'timeWindow', 'length'],
};

function policyOf({ metadata, spec }: PenstockPolicy): Policy {
  const { schedule, timeWindow, snooze, scope } = spec;
  return {
    format: 'penstock',
    name: metadata.name,
    displayName: spec.displayName ?? metadata.name,
    description: spec.description,
    enabled: spec.enabled,
    content: contentOf(spec.content),
    schedule: {
      recurrence: recurrenceOf(schedule),
      startMinute: schedule.startTime,
      timeZone: schedule.timeZone,
      clockChanges: 'run-once',
    },
    window: { lengthMs: timeWindow.length, spread: timeWindow.spread },
    branches: sorted(spec.branches, (name) => name),
    snooze: snooze === undefined ? null : { untilMs: snooze.until, reason: snooze.reason ?? null },
    scope: {
      kind: 'selectors',
      include: selectorOf(scope.include),
      exclude: selectorOf(scope.exclude),
    },
    timeoutMs: spec.timeouts.pipeline ?? null,
    requests: spec.requests,
    priority: spec.priority ?? null,
    catchUp: catchUpOf(spec.catchUp),
    variables: null,
    metadata: metadata.labels,
  };
}

function contentOf(content: Spec['content']): PolicyContent {
  const { pipelineFile, pipelineRef, pipelineSpec, params } = content;
  if (pipelineFile !== undefined) return { kind: 'pipeline-file', path: pipelineFile, params };
  if (pipelineRef !== undefined) return { kind: 'pipeline-reference', name: pipelineRef.name, params };
  return { kind: 'pipeline-inline', spec: pipelineSpec as Json, params };
}

function recurrenceOf({ type, days = [], daysOfMonth = [] }: Spec['schedule']): Recurrence {
  switch (type) {
    case 'daily':
      return { kind: 'daily' };
    case 'weekly':
      return { kind: 'weekly', days: sorted(days, (day) => WEEKDAYS.indexOf(day)) };
    case 'monthly':
      return { kind: 'monthly', daysOfMonth: sorted(daysOfMonth, (date) => (date === 'last' ? 32 : date)) };
  }
}

function selectorOf(selector: Spec['scope']['include']): Selector {
  const { projects, tenants, labels } = selector;
  return { projects: sorted(projects, (name) => name), tenants: sorted(tenants, (name) => name), labels };
}

function catchUpOf({ mode, limit }: Spec['catchUp']): CatchUp {
  return mode === 'run-late' && limit !== undefined ? { mode, limitMs: limit } : { mode: 'skip' };
}
