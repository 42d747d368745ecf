/**
 * Reads GitLab's `.gitlab/security-policies/policy.yml` into policies.
 *
 * Always true: the file is taken as GitLab takes it, as a whole or not at all. What GitLab
 * tolerates is tolerated and, where it has no effect, said.
 */
import { GITLAB_ACTIVE_MAX, isActive, type Policy } from '../../core/policy/model.ts';
import type { GitlabScope } from '../../core/policy/scope.ts';
import type { PolicyField } from '../../core/policy/surprise.ts';
import { surprisesOf } from '../../core/policy/surprises.ts';
import { WEEKDAYS } from '../../core/schedule/calendar.ts';
import type { Recurrence } from '../../core/schedule/schedule.ts';
import { nearest } from '../nearest.ts';
import { pathOf } from '../problem-text.ts';
import { isMapping } from '../schema-parts.ts';
import type { Path } from '../yaml/places.ts';
import {
  GITLAB_FILE,
  type GitlabFile,
  type GitlabItem,
  POLICY_KEYS,
  ROOT_KEYS,
  SCOPE_KEYS,
} from './gitlab-schema.ts';
import { type PolicyDocument, type PolicyReport, Problems } from './report.ts';
import { sorted } from './schedule-parts.ts';
import { railsTimeZone } from './time-zones.ts';

const LIST = 'pipeline_execution_schedule_policy';

export function readGitlabFile(document: PolicyDocument, nowMs: number): PolicyReport {
  const problems = new Problems(document);
  const result = GITLAB_FILE.safeParse(document.value);
  for (const issue of result.error?.issues ?? []) problems.error(pathOf(issue), issue.message);
  warnOfKeys(document.value, problems);
  if (result.data === undefined) return { policies: [], problems: problems.found };
  const items = result.data[LIST];
  const policies = items.map(policyOf);
  warnOfFile(result.data, policies, problems);
  for (const [place, policy] of policies.entries()) {
    const item = items[place];
    if (item !== undefined) warnOfPolicy(policy, { item, path: [LIST, place], problems, nowMs });
  }
  const read = policies.map((policy, place) => ({ policy, path: [LIST, place], document }));
  return { policies: read, problems: problems.found };
}

function policyOf(item: GitlabItem): Policy {
  // The schema has seen to it that there is exactly one of each.
  const [schedule] = item.schedules;
  const [include] = item.content.include;
  if (schedule === undefined || include === undefined) throw new RangeError('a list of one is empty');
  const { timezone = 'UTC', snooze } = schedule;
  const variables = item.variables_override;
  return {
    format: 'gitlab',
    name: item.name,
    displayName: item.name,
    description: item.description,
    enabled: item.enabled,
    content: {
      kind: 'gitlab-include',
      project: include.project,
      file: include.file,
      ref: include.ref ?? null,
    },
    schedule: {
      recurrence: recurrenceOf(schedule),
      startMinute: schedule.start_time,
      timeZone: railsTimeZone(timezone) ?? timezone,
      clockChanges: 'skip-and-repeat',
    },
    window: { lengthMs: schedule.time_window.value * 1000, spread: 'random' },
    branches: sorted(schedule.branches ?? [], (name) => name),
    snooze: snooze === undefined ? null : { untilMs: snooze.until, reason: snooze.reason ?? null },
    scope: scopeOf(item.policy_scope),
    timeoutMs: null,
    requests: {},
    priority: null,
    catchUp: { mode: 'skip' },
    variables:
      variables === undefined
        ? null
        : {
            allowed: variables.allowed,
            exceptions: sorted([...new Set(variables.exceptions)], (name) => name),
            dotenv: variables.dotenv ?? null,
          },
    metadata: item.metadata,
  };
}

/** An empty list is what cron makes of it: Sunday, and the first of the month. */
function recurrenceOf(schedule: GitlabItem['schedules'][number]): Recurrence {
  const { type, days = [], days_of_month: dates = [] } = schedule;
  switch (type) {
    case 'daily':
      return { kind: 'daily' };
    case 'weekly':
      return {
        kind: 'weekly',
        days: days.length === 0 ? ['Sunday'] : sorted(days, (day) => WEEKDAYS.indexOf(day)),
      };
    case 'monthly':
      return { kind: 'monthly', daysOfMonth: dates.length === 0 ? [1] : sorted(dates, (date) => date) };
  }
}

function scopeOf(scope: GitlabItem['policy_scope']): GitlabScope {
  const { projects, groups, business_impact: impact } = scope;
  return {
    kind: 'gitlab',
    matchMode: scope.match_mode,
    frameworkIds: idsOf(scope.compliance_frameworks),
    projects: {
      including: idsOf(projects.including),
      excluding: idsOf(projects.excluding.filter((entry) => entry.kind === 'id')),
      excludingTypes: sorted(
        [...new Set(projects.excluding.flatMap((entry) => (entry.kind === 'type' ? [entry.type] : [])))],
        (type) => type,
      ),
    },
    groups: { including: idsOf(groups.including), excluding: idsOf(groups.excluding) },
    businessImpact: { including: idsOf(impact.including), excluding: idsOf(impact.excluding) },
  };
}

function idsOf(entries: readonly { readonly id: number }[]): readonly number[] {
  return sorted([...new Set(entries.map(({ id }) => id))], (id) => id);
}

function warnOfKeys(value: unknown, problems: Problems): void {
  if (!isMapping(value)) return;
  for (const key of Object.keys(value)) {
    if (ROOT_KEYS.includes(key)) continue;
    const meant = nearest(key, ROOT_KEYS);
    problems.warning(
      'key-without-effect',
      [key],
      `is no kind of policy${meant === null ? '' : `; did you mean "${meant}"?`}`,
    );
  }
  const items = value[LIST];
  for (const [place, item] of (Array.isArray(items) ? items : []).entries()) {
    if (!isMapping(item)) continue;
    for (const key of Object.keys(item)) {
      if (POLICY_KEYS.includes(key)) continue;
      problems.warning('key-without-effect', [LIST, place, key], 'has no effect in a scheduled policy');
    }
    const scope = item.policy_scope;
    for (const key of isMapping(scope) ? Object.keys(scope) : []) {
      if (SCOPE_KEYS.includes(key)) continue;
      const message = 'decides nothing about which projects the policy is for';
      problems.warning('scope-without-effect', [LIST, place, 'policy_scope', key], message);
    }
  }
}

function warnOfFile(file: GitlabFile, policies: readonly Policy[], problems: Problems): void {
  if (policies.length === 0) {
    problems.warning('nothing-scheduled', [], `has no scheduled policy: none under ${LIST}`);
  }
  if (file.experiments?.pipeline_execution_schedule_policy?.enabled === false) {
    const path = ['experiments', LIST, 'enabled'];
    problems.warning('policy-inactive', path, 'is false: before GitLab 19.2 no policy of this file runs');
  }
  const seen = new Map<string, number>();
  for (const [place, policy] of policies.entries()) {
    const before = seen.get(policy.name);
    if (before !== undefined) {
      const message = `is also the name of policy ${before + 1}: their history cannot be told apart`;
      problems.warning('name-twice', [LIST, place, 'name'], message);
    }
    seen.set(policy.name, before ?? place);
    if (policy.enabled && !isActive(policy, policies)) {
      const message = `does not make it run: only the first ${GITLAB_ACTIVE_MAX} enabled policies of a file do`;
      problems.warning('policy-inactive', [LIST, place, 'enabled'], message);
    }
  }
}

interface PolicyCheck {
  readonly item: GitlabItem;
  readonly path: Path;
  readonly problems: Problems;
  readonly nowMs: number;
}

function warnOfPolicy(policy: Policy, { item, path, problems, nowMs }: PolicyCheck): void {
  const inSchedule = [...path, 'schedules', 0];
  const [schedule] = item.schedules;
  if (schedule?.type === 'weekly' && schedule.days?.length === 0) {
    problems.warning('days-empty', [...inSchedule, 'days'], 'is empty, which GitLab reads as Sunday');
  }
  if (schedule?.type === 'monthly' && schedule.days_of_month?.length === 0) {
    const message = 'is empty, which GitLab reads as the first of the month';
    problems.warning('days-empty', [...inSchedule, 'days_of_month'], message);
  }
  if (schedule?.timezone !== undefined && schedule.timezone !== policy.schedule.timeZone) {
    const message = `is a name of Rails, for which GitLab takes ${policy.schedule.timeZone}; better write that`;
    problems.warning('time-zone-renamed', [...inSchedule, 'timezone'], message);
  }
  const fields: Readonly<Record<PolicyField, Path>> = {
    branches: [...inSchedule, 'branches'],
    catchUp: path,
    daysOfMonth: [...inSchedule, 'days_of_month'],
    scope: [...path, 'policy_scope'],
    snooze: [...inSchedule, 'snooze', 'until'],
    startTime: [...inSchedule, 'start_time'],
    windowLength: [...inSchedule, 'time_window', 'value'],
  };
  for (const { code, field, message } of surprisesOf(policy, nowMs)) {
    problems.warning(code, fields[field], message);
  }
}
