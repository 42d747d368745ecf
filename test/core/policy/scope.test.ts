/** Which projects are in scope, against a second evaluation by sets, on every combination of rules. */
import { describe, expect, test } from 'vitest';
import {
  coversProject,
  type GitlabScope,
  type ScopeCandidate,
  type SelectorScope,
  scopeVerdict,
} from '../../../src/core/policy/scope.ts';

const NO_IDS = { including: [], excluding: [] };
const EVERYTHING: GitlabScope = {
  kind: 'gitlab',
  matchMode: 'all',
  frameworkIds: [],
  projects: { ...NO_IDS, excludingTypes: [] },
  groups: NO_IDS,
  businessImpact: NO_IDS,
};

function project(facts: Partial<ScopeCandidate['gitlab']> = {}): ScopeCandidate {
  const gitlab = {
    id: 1,
    groupIds: [10, 20, 30, 40, 50],
    frameworkIds: [7],
    isArchived: false,
    isPersonal: false,
  };
  return { project: 'a/b', tenant: 'a', labels: {}, gitlab: { ...gitlab, ...facts } };
}

/** The rules once more, as sets: each rule that has entries is a question with yes or no. */
function isInByTable(scope: GitlabScope, { gitlab }: ScopeCandidate): boolean {
  const meets = (a: readonly number[], b: readonly (number | null)[] | null) =>
    a.some((one) => new Set(b).has(one));
  const answers: boolean[] = [];
  if (scope.frameworkIds.length > 0) answers.push(meets(scope.frameworkIds, gitlab.frameworkIds));
  const { including, excluding, excludingTypes } = scope.projects;
  if (including.length + excluding.length + excludingTypes.length > 0) {
    const types = [gitlab.isPersonal ? 'personal' : '', gitlab.isArchived ? 'archived' : ''];
    const isOut = meets(excluding, [gitlab.id]) || excludingTypes.some((type) => types.includes(type));
    answers.push(!isOut && (including.length === 0 || meets(including, [gitlab.id])));
  }
  const { groups } = scope;
  if (groups.including.length + groups.excluding.length > 0) {
    const isOut = meets(groups.excluding, gitlab.groupIds);
    answers.push(!isOut && (groups.including.length === 0 || meets(groups.including, gitlab.groupIds)));
  }
  if (answers.length === 0) return true;
  return scope.matchMode === 'all' ? !answers.includes(false) : answers.includes(true);
}

const IDS = [[], [1], [2], [1, 2]];
const GROUPS = [[], [50], [99]];

function* allScopes(): Generator<GitlabScope> {
  for (const matchMode of ['all', 'any'] as const)
    for (const frameworkIds of [[], [7], [8]])
      for (const including of IDS)
        for (const excluding of IDS)
          for (const excludingTypes of [[], ['archived'], ['personal'], ['archived', 'personal']] as const)
            for (const groupsIncluding of GROUPS)
              for (const groupsExcluding of GROUPS)
                yield {
                  ...EVERYTHING,
                  matchMode,
                  frameworkIds,
                  projects: { including, excluding, excludingTypes },
                  groups: { including: groupsIncluding, excluding: groupsExcluding },
                };
}

test('GitLab: every combination of rules on every kind of project', () => {
  const candidates = [
    project(),
    project({ id: 2, groupIds: [10] }),
    project({ frameworkIds: [] }),
    project({ isArchived: true }),
    project({ isPersonal: true, groupIds: [] }),
    project({ id: 3, groupIds: [99, 50] }),
  ];
  const wrong: unknown[] = [];
  let [inside, outside] = [0, 0];
  for (const scope of allScopes()) {
    for (const candidate of candidates) {
      const want = isInByTable(scope, candidate);
      if (scopeVerdict(scope, candidate).kind !== (want ? 'in' : 'out')) wrong.push({ scope, candidate });
      if (want) inside += 1;
      else outside += 1;
    }
  }
  expect(wrong).toEqual([]);
  expect(inside).toBeGreaterThan(1000);
  expect(outside).toBeGreaterThan(1000);
});

test('GitLab: what is not known is never guessed: the answer holds whatever it turns out to be', () => {
  const hidden = [
    { id: null },
    { groupIds: null },
    { frameworkIds: null },
    { isArchived: null },
    { isPersonal: null },
  ];
  const revealed = [
    [{ id: 1 }, { id: 2 }, { id: 3 }],
    [{ groupIds: [] }, { groupIds: [50] }, { groupIds: [99] }, { groupIds: [10] }],
    [{ frameworkIds: [] }, { frameworkIds: [7] }, { frameworkIds: [8] }],
    [{ isArchived: true }, { isArchived: false }],
    [{ isPersonal: true }, { isPersonal: false }],
  ];
  let [known, unknown] = [0, 0];
  for (const scope of allScopes()) {
    for (const [place, gap] of hidden.entries()) {
      const verdict = scopeVerdict(scope, project(gap)).kind;
      if (verdict === 'unknown') unknown += 1;
      else {
        known += 1;
        const answers = (revealed[place] ?? []).map((facts) => isInByTable(scope, project(facts)));
        expect(new Set(answers), JSON.stringify([scope, gap])).toEqual(new Set([verdict === 'in']));
      }
    }
  }
  expect(known).toBeGreaterThan(1000);
  expect(unknown).toBeGreaterThan(1000);
});

test('GitLab: business impact, which nobody outside can see, leaves it open', () => {
  const scope = { ...EVERYTHING, businessImpact: { including: [1], excluding: [] } };
  expect(scopeVerdict(scope, project())).toEqual({
    kind: 'unknown',
    reason: 'its business impact is not known',
  });
});

describe('selectors', () => {
  const NOTHING = { projects: [], tenants: [], labels: {} };
  const scope = (
    include: Partial<SelectorScope['include']>,
    exclude: Partial<SelectorScope['exclude']> = {},
  ): SelectorScope => ({
    kind: 'selectors',
    include: { ...NOTHING, ...include },
    exclude: { ...NOTHING, ...exclude },
  });
  const shop = { ...project(), project: 'web/shop', tenant: 'web', labels: { tier: 'gold', os: 'linux' } };

  test.each<readonly [string, SelectorScope, string]>([
    ['nothing said is everything', scope({}), 'in'],
    ['a name', scope({ projects: ['web/shop'] }), 'in'],
    ['all below', scope({ projects: ['web/*'] }), 'in'],
    ['another name', scope({ projects: ['web/shop2', 'we/*', 'web/sho'] }), 'not included by its name'],
    ['each list must match', scope({ projects: ['web/*'], tenants: ['pay'] }), 'not included by its tenant'],
    ['all labels must match', scope({ labels: { tier: 'gold', os: 'bsd' } }), 'not included by its labels'],
    [
      'labels that objects have anyway are none',
      scope({ labels: { constructor: 'x' } }),
      'not included by its labels',
    ],
    ['labels', scope({ labels: { tier: 'gold' } }), 'in'],
    [
      'an exclude wins over the same include',
      scope({ projects: ['web/shop'] }, { projects: ['web/shop'] }),
      'excluded by its name',
    ],
    [
      'one exclude is enough',
      scope({}, { tenants: ['web'], labels: { tier: 'tin' } }),
      'excluded by its tenant',
    ],
    [
      'excludes that do not match',
      scope({}, { projects: ['pay/*'], tenants: ['pay'], labels: { tier: 'tin' } }),
      'in',
    ],
  ])('%s', (_, rules, want) => {
    const verdict = scopeVerdict(rules, shop);
    expect(verdict.kind === 'in' ? 'in' : verdict.reason).toBe(want);
  });

  test('labels that are not known leave it open, unless something else decides', () => {
    const blank = { ...shop, labels: null };
    expect(scopeVerdict(scope({ labels: { tier: 'gold' } }), blank).kind).toBe('unknown');
    expect(scopeVerdict(scope({}, { labels: { tier: 'gold' } }), blank).kind).toBe('unknown');
    expect(scopeVerdict(scope({}, { tenants: ['web'], labels: { tier: 'gold' } }), blank).kind).toBe('out');
    expect(scopeVerdict(scope({ tenants: ['pay'], labels: { tier: 'gold' } }), blank).kind).toBe('out');
  });

  test('"/*" covers what is below a name, at any depth, and not the name itself', () => {
    expect(['web/a', 'web/a/b', 'web', 'website/a'].map((name) => coversProject('web/*', name))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
