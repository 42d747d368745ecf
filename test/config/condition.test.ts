import { describe, expect, test } from 'vitest';
import { compileCondition } from '../../src/config/condition.ts';
import type { RunFacts } from '../../src/core/needs/rule.ts';

const facts: RunFacts = {
  project: 'web',
  projectLabels: new Map([['team', 'release']]),
  labels: new Map([['pipelinesascode.tekton.dev/event-type', 'push']]),
  annotations: new Map(),
  params: new Map([['build-platforms', 'linux/arm64,linux/s390x']]),
  lists: new Map([['build-platforms', ['linux/arm64', 'linux/s390x']]]),
};

function ask(text: string): string {
  const compiled = compileCondition(text, 'run');
  if (compiled.kind === 'wrong') throw new Error(compiled.why);
  return compiled.ask(facts).kind;
}

function refusal(text: string, about: 'run' | 'pool' = 'run'): string | null {
  const compiled = compileCondition(text, about);
  return compiled.kind === 'wrong' ? compiled.why : null;
}

test.each([
  ['project == "web"', 'yes'],
  ['projectLabels.team == "release"', 'yes'],
  ['labels["pipelinesascode.tekton.dev/event-type"] in ["push", "pull_request"]', 'yes'],
  ['lists["build-platforms"].exists(p, p.endsWith("s390x"))', 'yes'],
  ['size(lists["build-platforms"]) > 2', 'no'],
  ['has(labels.nothing)', 'no'],
  ['!("nothing" in labels)', 'yes'],
  ['labels["nothing"] == "x"', 'no'],
  ['labels["nothing"] != "x"', 'no'],
  ['labels["nothing"] == "x" || project == "web"', 'yes'],
  ['lists["build-platforms"][7] == "x"', 'no'],
])('%s: %s', (text, want) => {
  expect(ask(text)).toBe(want);
});

describe('refused when the configuration is read', () => {
  test.each([
    ['project ==', /EOF/],
    ['project == 1', /no such overload: string == int/],
    ['namespaceName == "x"', /Unknown variable: namespaceName/],
    ['project', /yields string, not true or false/],
    ['pool == "x"', /Unknown variable: pool/],
    ['project.matches("(a+)+$")', /calls matches\(\)/],
    ['dyn(project) > 1', /calls dyn\(\)/],
    ['1 / 0 == 1', /uses "\/"/],
    ['{"a": 1}.a == 1', /./],
    ['labels.exists(a, labels.exists(b, a == b))', /calls exists\(\) within another/],
    [`project == "${'x'.repeat(2_000)}"`, /longer than 2000/],
    [`${'('.repeat(200)}true${')'.repeat(200)}`, /./],
    [Array.from({ length: 300 }, () => 'true').join(' && '), /./],
  ])('%s', (text, want) => {
    expect(refusal(text)).toMatch(want);
    expect(refusal(text)).not.toContain('\n');
  });

  test('a condition about a pool knows the pool', () => {
    expect(refusal('pool == "x"', 'pool')).toBeNull();
  });
});
