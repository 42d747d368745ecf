/** One plain policy of each format, for tests to change. */
import type { Policy } from '../../../src/core/policy/model.ts';

const NO_IDS = { including: [], excluding: [] };
const NOTHING = { projects: [], tenants: [], labels: {} };

export const OWN_POLICY: Policy = {
  format: 'penstock',
  name: 'audit',
  displayName: 'Audit',
  description: '',
  enabled: true,
  content: { kind: 'pipeline-file', path: 'audit.yaml', params: { level: 'high' } },
  schedule: { recurrence: { kind: 'daily' }, startMinute: 900, timeZone: 'UTC', clockChanges: 'run-once' },
  window: { lengthMs: 7_200_000, spread: 'random' },
  branches: [],
  snooze: null,
  scope: { kind: 'selectors', include: NOTHING, exclude: NOTHING },
  timeoutMs: null,
  requests: {},
  priority: null,
  catchUp: { mode: 'skip' },
  variables: null,
  metadata: {},
};

export const GITLAB_POLICY: Policy = {
  ...OWN_POLICY,
  format: 'gitlab',
  content: { kind: 'gitlab-include', project: 'harbour/policies', file: 'ci/scan.yml', ref: null },
  schedule: { ...OWN_POLICY.schedule, clockChanges: 'skip-and-repeat' },
  scope: {
    kind: 'gitlab',
    matchMode: 'all',
    frameworkIds: [],
    projects: { ...NO_IDS, excludingTypes: [] },
    groups: NO_IDS,
    businessImpact: NO_IDS,
  },
};
