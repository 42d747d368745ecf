/** Registered policies as a table, and what applying them did. */
import type { z } from 'zod';
import type { AppliedPolicy, PoliciesSchema } from '../../api/contract/policies.ts';
import { stdoutPaper } from './stdout-paper.ts';
import { paint } from './style.ts';
import { type Column, table } from './table.ts';
import { moment } from './when.ts';

type Listed = Pick<z.output<typeof PoliciesSchema>, 'policies' | 'brokenFiles'>;
type Policy = Listed['policies'][number];

const PROBLEMS_SHOWN = 5;

export function policiesText({ policies, brokenFiles }: Listed, nowMs: number): string {
  const broken = brokenFiles.map(brokenText);
  if (policies.length === 0) return ['There are no policies.', ...broken].join('\n\n');
  return [table(columns(nowMs), policies, stdoutPaper()), ...broken].join('\n\n');
}

function columns(nowMs: number): readonly Column<Policy>[] {
  return [
    { title: 'POLICY', text: ({ name }) => name },
    {
      title: 'STATE',
      text: stateOf,
      style: (policy) => (policy.active && policy.notLaunched === null ? 'plain' : 'warn'),
    },
    {
      title: 'NEXT WINDOW',
      text: ({ nextOccurrenceAtMs: atMs }) => (atMs === null ? '-' : moment(nowMs, atMs)),
    },
    { title: 'VERSION', align: 'right', text: ({ version }) => `${version}` },
    { title: 'FROM', text: ({ source }) => (source.kind === 'api' ? 'apply' : source.file), yieldsTo: 12 },
  ];
}

function stateOf({ enabled, active, notLaunched, snoozedUntilMs }: Policy): string {
  if (!enabled) return 'disabled';
  if (!active) return 'not active';
  if (notLaunched !== null) return 'not launched here';
  return snoozedUntilMs === null ? 'enabled' : 'snoozed';
}

function brokenText({ file, keptPolicies, problems }: Listed['brokenFiles'][number]): string {
  const kept = keptPolicies === 0 ? 'none of it counts' : `its last good version counts (${keptPolicies})`;
  const more = problems.length - PROBLEMS_SHOWN;
  return [
    paint('bad', `${file} is broken; ${kept}:`),
    ...problems.slice(0, PROBLEMS_SHOWN).map((line) => `  ${line}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ].join('\n');
}

export function appliedText(applied: readonly AppliedPolicy[]): string {
  return applied
    .flatMap(({ change, policy, warnings }) => [
      `Policy ${policy.name} is ${change}, version ${policy.version}.`,
      ...(policy.notLaunched === null
        ? []
        : [paint('warn', `It is not launched: it ${policy.notLaunched}.`)]),
      ...warnings.map((warning) => `${paint('warn', 'warning:')} ${warning}`),
    ])
    .join('\n');
}
