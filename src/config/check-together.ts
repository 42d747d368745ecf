/**
 * What no value can be wrong about alone: names that must be known, different or in order.
 */
import { RUNS_POOL } from '../core/model/run.ts';
import { nearest } from '../documents/nearest.ts';
import { isLoopback } from './loopback.ts';

interface Together {
  readonly http: { readonly host: string };
  readonly engine: string;
  readonly access: { readonly tokens: readonly unknown[]; readonly kubernetes: boolean };
  readonly pools: Readonly<Record<string, unknown>>;
  readonly priorities: readonly { readonly name: string }[];
  readonly tenants: Readonly<Record<string, { readonly caps: Readonly<Record<string, number>> }>>;
  readonly tekton: { readonly defaultPriority?: string | undefined };
  readonly admission: {
    readonly retryMin: number;
    readonly retryMax: number;
    readonly firstEstimate: { readonly p50: number; readonly p90: number };
  };
}

interface Complaints {
  addIssue(issue: { code: 'custom'; path: (string | number)[]; message: string }): void;
}

export function checkTogether(settings: Together, complaints: Complaints): void {
  const complain = (path: (string | number)[], message: string) =>
    complaints.addIssue({ code: 'custom', path, message });
  checkPriorities(settings, complain);
  checkPoolNames(settings, complain);
  checkCaps(settings, complain);
  checkDefaultPriority(settings, complain);
  checkReach(settings, complain);
  const { retryMin, retryMax, firstEstimate } = settings.admission;
  if (retryMin > retryMax) complain(['admission', 'retryMin'], 'must be at most admission.retryMax');
  if (firstEstimate.p50 > firstEstimate.p90) {
    complain(['admission', 'firstEstimate', 'p50'], 'must be at most admission.firstEstimate.p90');
  }
}

type Complain = (path: (string | number)[], message: string) => void;

function checkDefaultPriority({ tekton, priorities }: Together, complain: Complain): void {
  const { defaultPriority } = tekton;
  const names = priorities.map(({ name }) => name);
  if (defaultPriority === undefined || names.includes(defaultPriority)) return;
  complain(['tekton', 'defaultPriority'], `must be one of ${names.join(', ')}`);
}

/** Without tokens only this machine may ask. */
function checkReach({ http, access, engine }: Together, complain: Complain): void {
  if (access.kubernetes && engine !== 'tekton') {
    complain(['access', 'kubernetes'], 'must be false unless engine is tekton: there is no cluster to ask');
  }
  if (isLoopback(http.host) || access.tokens.length > 0 || access.kubernetes) return;
  complain(
    ['http', 'host'],
    'must be a loopback address (127.0.0.1, ::1 or localhost): whoever reaches the API can read everything, ' +
      'as long as there are no access.tokens',
  );
}

function checkPriorities({ priorities }: Together, complain: Complain): void {
  const seen = new Set<string>();
  for (const [place, { name }] of priorities.entries()) {
    if (seen.has(name)) complain(['priorities', place, 'name'], 'must be a name no other priority has');
    seen.add(name);
  }
}

/** Annotations cannot hold a "/", so pools are written with "-" there and must differ even so. */
function checkPoolNames({ pools }: Together, complain: Complain): void {
  const writtenAs = new Map<string, string>([[RUNS_POOL, RUNS_POOL]]);
  for (const name of Object.keys(pools)) {
    const written = name.replaceAll('/', '-');
    const other = writtenAs.get(written) ?? name;
    if (other !== name)
      complain(['pools', name], `is too like "${other}": where "/" is written as "-" they are the same`);
    writtenAs.set(written, name);
  }
}

function checkCaps({ pools, tenants }: Together, complain: Complain): void {
  const known = [...new Set([RUNS_POOL, ...Object.keys(pools)])];
  for (const [tenant, { caps }] of Object.entries(tenants)) {
    for (const pool of Object.keys(caps)) {
      if (known.includes(pool)) continue;
      const meant = nearest(pool, known);
      const hint = meant === null ? `known pools are ${listed(known)}` : `did you mean "${meant}"?`;
      complain(['tenants', tenant, 'caps', pool], `is a cap for a pool that is not configured; ${hint}`);
    }
  }
}

const LISTED_MAX = 10;

function listed(names: readonly string[]): string {
  const more = names.length - LISTED_MAX;
  return names.slice(0, LISTED_MAX).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
