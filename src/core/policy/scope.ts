/**
 * Which projects a policy is for. Excludes always win in Penstock's own documents; GitLab's
 * follow GitLab's rules, `match_mode` included.
 *
 * Always true: what is not known of a project is never guessed: where it would decide, the
 * answer is `unknown`.
 */
export interface SelectorScope {
  readonly kind: 'selectors';
  /** Each of its lists that has entries must match; none at all selects everything. */
  readonly include: Selector;
  /** One match is enough. */
  readonly exclude: Selector;
}

export interface Selector {
  /** Names; one that ends in `/*` stands for everything below. */
  readonly projects: readonly string[];
  readonly tenants: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

export interface GitlabScope {
  readonly kind: 'gitlab';
  readonly matchMode: 'all' | 'any';
  readonly frameworkIds: readonly number[];
  readonly projects: IdFilter & { readonly excludingTypes: readonly ProjectType[] };
  readonly groups: IdFilter;
  /** Behind a feature flag of GitLab's. */
  readonly businessImpact: IdFilter;
}

export type ProjectType = 'personal' | 'archived';

export interface IdFilter {
  readonly including: readonly number[];
  readonly excluding: readonly number[];
}

/** What is known of a project; null is not known. */
export interface ScopeCandidate {
  readonly project: string;
  readonly tenant: string | null;
  readonly labels: Readonly<Record<string, string>> | null;
  readonly gitlab: GitlabFacts;
}

export interface GitlabFacts {
  readonly id: number | null;
  /** Its group and all groups above; empty for a personal project. */
  readonly groupIds: readonly number[] | null;
  readonly frameworkIds: readonly number[] | null;
  readonly isArchived: boolean | null;
  readonly isPersonal: boolean | null;
}

export type ScopeVerdict =
  | { readonly kind: 'in' }
  | { readonly kind: 'out'; readonly reason: string }
  /** It depends on something that is not known of the project. */
  | { readonly kind: 'unknown'; readonly reason: string };

const IN: ScopeVerdict = { kind: 'in' };

export function scopeVerdict(scope: GitlabScope | SelectorScope, candidate: ScopeCandidate): ScopeVerdict {
  if (scope.kind === 'selectors') return selectorVerdict(scope, candidate);
  const verdicts = gitlabDimensions(scope, candidate);
  if (verdicts.length === 0) return IN;
  const [first, last] = scope.matchMode === 'all' ? (['out', 'in'] as const) : (['in', 'out'] as const);
  return (
    verdicts.find(({ kind }) => kind === first) ??
    verdicts.find(({ kind }) => kind === 'unknown') ??
    verdicts.find(({ kind }) => kind === last) ??
    IN
  );
}

function selectorVerdict({ include, exclude }: SelectorScope, candidate: ScopeCandidate): ScopeVerdict {
  const excluded = matches(exclude, candidate).filter((match) => match.holds !== false);
  const hit = excluded.find((match) => match.holds === true);
  if (hit !== undefined) return { kind: 'out', reason: `excluded by its ${hit.by}` };
  const wanted = matches(include, candidate);
  const miss = wanted.find((match) => match.holds === false);
  if (miss !== undefined) return { kind: 'out', reason: `not included by its ${miss.by}` };
  const open = [...excluded, ...wanted].find((match) => match.holds === null);
  return open === undefined ? IN : { kind: 'unknown', reason: `its ${open.by} is not known` };
}

interface Match {
  readonly by: string;
  /** Null: not known. */
  readonly holds: boolean | null;
}

/** One for each list that has entries. */
function matches({ projects, tenants, labels }: Selector, candidate: ScopeCandidate): readonly Match[] {
  const found: Match[] = [];
  if (projects.length > 0) {
    const holds = projects.some((pattern) => coversProject(pattern, candidate.project));
    found.push({ by: 'name', holds });
  }
  if (tenants.length > 0) {
    found.push({
      by: 'tenant',
      holds: candidate.tenant === null ? null : tenants.includes(candidate.tenant),
    });
  }
  const wanted = Object.entries(labels);
  if (wanted.length > 0) {
    const known = candidate.labels;
    const holds = known === null ? null : wanted.every(([key, value]) => ownValue(known, key) === value);
    found.push({ by: 'labels', holds });
  }
  return found;
}

function ownValue(labels: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}

export function coversProject(pattern: string, project: string): boolean {
  return pattern.endsWith('/*') ? project.startsWith(pattern.slice(0, -1)) : pattern === project;
}

/** Only dimensions with entries count. */
function gitlabDimensions(scope: GitlabScope, { gitlab }: ScopeCandidate): readonly ScopeVerdict[] {
  const found: ScopeVerdict[] = [];
  const { frameworkIds, projects, groups, businessImpact } = scope;
  if (frameworkIds.length > 0) found.push(frameworkVerdict(frameworkIds, gitlab));
  if (hasEntries(projects) || projects.excludingTypes.length > 0) {
    found.push(projectVerdict(projects, gitlab));
  }
  if (hasEntries(groups)) found.push(groupVerdict(groups, gitlab));
  if (hasEntries(businessImpact)) found.push({ kind: 'unknown', reason: 'its business impact is not known' });
  return found;
}

function hasEntries({ including, excluding }: IdFilter): boolean {
  return including.length > 0 || excluding.length > 0;
}

function frameworkVerdict(wanted: readonly number[], facts: GitlabFacts): ScopeVerdict {
  if (facts.frameworkIds === null)
    return { kind: 'unknown', reason: 'its compliance frameworks are not known' };
  if (facts.frameworkIds.some((id) => wanted.includes(id))) return IN;
  return { kind: 'out', reason: 'it has none of the compliance frameworks' };
}

function projectVerdict(filter: GitlabScope['projects'], facts: GitlabFacts): ScopeVerdict {
  const { including, excluding, excludingTypes } = filter;
  if (facts.id !== null && excluding.includes(facts.id)) return { kind: 'out', reason: 'excluded by its id' };
  const isOfType = { personal: facts.isPersonal, archived: facts.isArchived };
  const type = excludingTypes.find((excluded) => isOfType[excluded] === true);
  if (type !== undefined) return { kind: 'out', reason: `excluded because it is ${type}` };
  if (including.length > 0 && facts.id !== null && !including.includes(facts.id)) {
    return { kind: 'out', reason: 'not included by its id' };
  }
  if (facts.id === null && hasEntries(filter)) return { kind: 'unknown', reason: 'its id is not known' };
  const openType = excludingTypes.find((excluded) => isOfType[excluded] === null);
  return openType === undefined ? IN : { kind: 'unknown', reason: `whether it is ${openType} is not known` };
}

function groupVerdict({ including, excluding }: IdFilter, { groupIds }: GitlabFacts): ScopeVerdict {
  if (groupIds === null) return { kind: 'unknown', reason: 'its groups are not known' };
  const excludedBy = groupIds.find((id) => excluding.includes(id));
  if (excludedBy !== undefined) return { kind: 'out', reason: `excluded by its group ${excludedBy}` };
  if (including.length === 0 || groupIds.some((id) => including.includes(id))) return IN;
  return { kind: 'out', reason: 'in none of the included groups' };
}
