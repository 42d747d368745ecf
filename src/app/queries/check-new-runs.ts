/**
 * What may be put into the queue. All runs of a request are checked before any is handed
 * to the engine, so that a wrong one leaves nothing half created.
 *
 * Always true of what it returns: ids are well formed and differ, pools and priority are
 * configured, units are positive whole numbers, and each run asks for at least one unit of
 * the pool `runs`, so that the cap on everything covers it.
 */
import { CodedError } from '../../core/errors/catalogue.ts';
import { type Requests, RUNS_POOL } from '../../core/model/run.ts';
import type { NewRun } from '../../ports/engine.ts';

export interface Rules {
  /** Names of the configured pools. */
  readonly pools: readonly string[];
  /** Names of the configured priorities, highest first. */
  readonly priorities: readonly string[];
  /** Tenant by project; a project that is not listed may name its tenant, or is one of its own. */
  readonly tenantOf: ReadonlyMap<string, string>;
}

/** Ids become names of folders, processes and Kubernetes objects. */
const ID_PATTERN = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?$/;
/** Anything that shows on one line; 255 is GitLab's longest path. */
const NAME_PATTERN = /^[^\s\p{Cc}](?:[^\p{Cc}]{0,253}[^\s\p{Cc}])?$/u;
const CONTENT_CHARACTERS_MAX = 1024 * 1024;
const REQUESTED_POOLS_MAX = 32;

/** @throws CodedError naming the field of the first run that is wrong, and what is allowed. */
export function checkNewRuns(runs: readonly NewRun[], rules: Rules): readonly NewRun[] {
  const ids = new Set<string>();
  const checked = runs.map((run) => checkNewRun(run, rules, runs.length > 1 ? ` of run ${run.id}` : ''));
  for (const { id } of checked) {
    if (ids.has(id)) refuse('id', `id: "${id}" is given twice; every run needs a name of its own.`);
    ids.add(id);
  }
  return checked;
}

function checkNewRun(run: NewRun, rules: Rules, ofRun: string): NewRun {
  if (!ID_PATTERN.test(run.id)) {
    refuse(
      'id',
      `id: "${shorten(run.id)}" is not allowed; use 1 to 100 letters, digits, ".", "_" and "-", beginning and ending with a letter or digit.`,
    );
  }
  checkName(run.project, 'project', ofRun);
  if (run.content === '' || run.content.length > CONTENT_CHARACTERS_MAX) {
    refuse('content', `content${ofRun}: must be 1 to ${CONTENT_CHARACTERS_MAX} characters long.`);
  }
  if (run.timeoutMs !== null && !isPositiveWhole(run.timeoutMs)) {
    refuse(
      'timeoutMs',
      `timeoutMs${ofRun}: must be a positive whole number of milliseconds, or null for none.`,
    );
  }
  return {
    ...run,
    tenant: resolveTenant(run, rules, ofRun),
    priority: checkPriority(run.priority, rules.priorities, ofRun),
    requests: checkRequests(run.requests, rules.pools, ofRun),
  };
}

function resolveTenant(run: NewRun, rules: Rules, ofRun: string): string {
  const configured = rules.tenantOf.get(run.project);
  const named = run.tenant === '' || run.tenant === run.project ? null : run.tenant;
  if (configured === undefined) {
    if (named !== null) checkName(named, 'tenant', ofRun);
    return named ?? run.project;
  }
  if (named !== null && named !== configured) {
    refuse(
      'tenant',
      `tenant${ofRun}: project ${run.project} belongs to tenant ${configured}; leave the tenant out, or change it in penstock.yaml.`,
    );
  }
  return configured;
}

function checkPriority(priority: string, known: readonly string[], ofRun: string): string {
  const lowest = known.at(-1);
  if (priority === '' && lowest !== undefined) return lowest;
  if (known.includes(priority)) return priority;
  const field = 'priority';
  throw new CodedError(
    'priority-unknown',
    `${field}${ofRun}: there is no priority "${shorten(priority)}"; use one of ${known.join(', ')}, or add it to penstock.yaml.`,
    { field },
  );
}

function checkRequests(requests: Requests, known: readonly string[], ofRun: string): Requests {
  const asked = Object.entries(requests);
  if (asked.length > REQUESTED_POOLS_MAX) {
    refuse('requests', `requests${ofRun}: at most ${REQUESTED_POOLS_MAX} pools can be asked for.`);
  }
  for (const [pool, count] of asked) {
    const field = `requests.${pool}`;
    if (!known.includes(pool)) {
      throw new CodedError(
        'pool-unknown',
        `${field}${ofRun}: there is no pool "${shorten(pool)}"; use one of ${known.join(', ')}, or add it to penstock.yaml.`,
        { field },
      );
    }
    if (!isPositiveWhole(count)) {
      refuse(field, `${field}${ofRun}: must be a positive whole number of units, not ${count}.`);
    }
  }
  const complete = Object.hasOwn(requests, RUNS_POOL) ? asked : [...asked, [RUNS_POOL, 1] as const];
  return Object.fromEntries(complete.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function checkName(name: string, field: string, ofRun: string): void {
  if (NAME_PATTERN.test(name)) return;
  refuse(field, `${field}${ofRun}: must be a name of 1 to 255 characters on one line.`);
}

function isPositiveWhole(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0;
}

function shorten(text: string): string {
  const oneLine = text.replaceAll(/\p{Cc}/gu, ' ');
  return oneLine.length <= 60 ? oneLine : `${oneLine.slice(0, 57)}...`;
}

function refuse(field: string, message: string): never {
  throw new CodedError('request-invalid', message, { field });
}
