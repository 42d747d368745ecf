/** The two hashes: what leaves them alone, what changes which, and that they are the same for ever. */
import { describe, expect, test } from 'vitest';
import { isActive, type Policy } from '../../../src/core/policy/model.ts';
import { canonicalJson } from '../../../src/core/text/canonical-json.ts';
import { configHash, contentHash } from '../../../src/documents/policy/hashes.ts';
import { readPolicies } from '../../../src/documents/policy/read-policies.ts';
import { GITLAB_POLICY, OWN_POLICY } from '../../core/policy/policies.ts';
import { NOW_MS } from './wrong.ts';

const hex = /^[0-9a-f]{64}$/;

function onlyPolicy(text: string): Policy {
  const { policies, problems } = readPolicies(text, NOW_MS);
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  expect(policies).toHaveLength(1);
  return (policies[0] as { readonly policy: Policy }).policy;
}

const TIDY = `apiVersion: penstock.dev/v1alpha1
kind: PipelineExecutionPolicy
metadata: { name: audit }
spec:
  enabled: true
  content: { pipelineFile: audit.yaml, params: { a: "1", b: "2" } }
  schedule: { type: weekly, days: [Monday, Friday], startTime: "02:30", timeZone: UTC }
  timeWindow: { length: 2h, spread: random }
  branches: [main, next]
`;
const SAME = `# the same, as somebody else writes it
spec:
  timeWindow:
    length: 120m
  branches: ["next", "main"]
  schedule:
    startTime: 02:30
    days:
      - Friday
      - Monday
    type: weekly
  content:
    params: { b: '2', a: '1' }
    pipelineFile: "audit.yaml"
  enabled: true
  catchUp: { mode: skip }
kind: PipelineExecutionPolicy
metadata:
  name: audit
apiVersion: penstock.dev/v1alpha1
`;

test('formatting, order and defaults written out change neither', () => {
  const [one, other] = [onlyPolicy(TIDY), onlyPolicy(SAME)];
  expect(configHash(other)).toBe(configHash(one));
  expect(contentHash(other, null)).toBe(contentHash(one, null));
});

test.each<readonly [string, Partial<Policy>]>([
  ['its name', { name: 'audit2' }],
  ['its switch', { enabled: false }],
  ['its time', { schedule: { ...OWN_POLICY.schedule, startMinute: 1 } }],
  ['its window', { window: { ...OWN_POLICY.window, spread: 'even' } }],
  ['its branches', { branches: ['main'] }],
  ['its snooze', { snooze: { untilMs: 1, reason: null } }],
  ['its requests', { requests: { runs: 1 } }],
  ['its timeout', { timeoutMs: 1 }],
  ['what it does about missed launches', { catchUp: { mode: 'run-late', limitMs: 1 } }],
])('%s changes the configuration and not the content', (_, change) => {
  const changed = { ...OWN_POLICY, ...change };
  expect(configHash(changed)).not.toBe(configHash(OWN_POLICY));
  expect(contentHash(changed, null)).toBe(contentHash(OWN_POLICY, null));
});

describe('the content', () => {
  const file = { kind: 'pipeline-file', path: 'audit.yaml', params: { level: 'high' } } as const;
  const withContent = (content: Policy['content']) => ({ ...OWN_POLICY, content });

  test('a parameter, and a target, change both', () => {
    const others = [
      withContent({ ...file, params: { level: 'low' } }),
      withContent({ ...file, path: 'other.yaml' }),
      withContent({ kind: 'pipeline-reference', name: 'audit.yaml', params: file.params }),
    ];
    const hashes = [OWN_POLICY, ...others].flatMap((policy) => [
      contentHash(policy, null),
      configHash(policy),
    ]);
    expect(new Set(hashes).size).toBe(8);
    for (const hash of hashes) expect(hash).toMatch(hex);
  });

  test('a Pipeline that is known counts by what it is, wherever it stands', () => {
    const spec = { tasks: [{ name: 'a', retries: 1 }] };
    const resolved = { kind: 'pipeline', pipeline: { tasks: [{ retries: 1, name: 'a' }] } } as const;
    const moved = withContent({ ...file, path: 'elsewhere/audit.yaml' });
    const inline = withContent({ kind: 'pipeline-inline', spec, params: file.params });
    expect(contentHash(moved, resolved)).toBe(contentHash(OWN_POLICY, resolved));
    expect(contentHash(inline, null)).toBe(contentHash(OWN_POLICY, resolved));
    expect(contentHash(OWN_POLICY, null)).not.toBe(contentHash(OWN_POLICY, resolved));
  });

  test('an include counts by its target and its commit', () => {
    const commit = (text: string) => ({ kind: 'commit', commit: text }) as const;
    const hashes = [null, commit('aa'), commit('bb')].map((resolved) => contentHash(GITLAB_POLICY, resolved));
    expect(new Set(hashes).size).toBe(3);
  });
});

test('they are what they were: samples of years hang on them', () => {
  expect(contentHash(OWN_POLICY, null)).toMatchInlineSnapshot(
    `"c6e3b2cc982e13d4d8b05ba0a2f1738d25e8ff9414b677dde4c27f45ce1eca56"`,
  );
  expect(configHash(OWN_POLICY)).toMatchInlineSnapshot(
    `"b67a3a552bc835dcff316a8e35f6c40b21a27a62ee322393e55e3974332de55b"`,
  );
  expect(contentHash(GITLAB_POLICY, null)).toMatchInlineSnapshot(
    `"57ff9cdbf8ebbe62063fff0c58db6ad2c3620f0d10afc56e9193438ada4b1768"`,
  );
  expect(configHash(GITLAB_POLICY)).toMatchInlineSnapshot(
    `"e67a65a4cc512a61e8140e51c4ce0132b96a34613b34beb1a67190ec8674362a"`,
  );
});

test('canonical JSON is that of RFC 8785', () => {
  // Its own example of sorting, section 3.2.3, in short.
  const value = {
    '\u20ac': 1,
    '\r': 2,
    '1': 4,
    '\u0080': 5,
    '\u00f6': 6,
    nested: { b: [3, null, true], a: 'x"\n' },
  };
  expect(canonicalJson(value)).toBe(
    '{"\\r":2,"1":4,"nested":{"a":"x\\"\\n","b":[3,null,true]},"\u0080":5,"\u00f6":6,"\u20ac":1}',
  );
  expect(canonicalJson([1e21, 0.1, -0, 333333333.3333333])).toBe('[1e+21,0.1,0,333333333.3333333]');
});

test("only the first five enabled policies of a GitLab file act; Penstock's own all do", () => {
  const gitlab = Array.from({ length: 8 }, (_, index) => ({
    ...GITLAB_POLICY,
    name: `p${index}`,
    enabled: index !== 1,
  }));
  expect(gitlab.map((policy) => isActive(policy, gitlab))).toEqual([
    true,
    false,
    true,
    true,
    true,
    true,
    false,
    false,
  ]);
  const own = Array.from({ length: 7 }, () => ({ ...OWN_POLICY }));
  expect(own.every((policy) => isActive(policy, own))).toBe(true);
});
