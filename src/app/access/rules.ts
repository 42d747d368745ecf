/**
 * What a caller may do, in the words of the app. Whatever asks for less than these
 * functions check is allowed to every caller.
 *
 * Always true: a refusal says the same of a project that exists and of one that does not.
 */
import { CodedError } from '../../core/errors/catalogue.ts';
import type { Caller } from '../../ports/access.ts';

/** @throws CodedError `forbidden` */
export function mustAdminister(caller: Caller, what: string): void {
  if (caller.isAdmin) return;
  throw new CodedError('forbidden', `${caller.name} may not ${what}: only an administrator may.`);
}

/** Fairness is measured between tenants: whoever could choose one would take another's share. @throws CodedError `forbidden` */
export function mayNameTenant(caller: Caller, tenant: string, project: string): void {
  if (caller.isAdmin || tenant === '' || tenant === project) return;
  throw new CodedError(
    'forbidden',
    'tenant: only an administrator may say to which tenant a project belongs; leave it out.',
    { field: 'tenant' },
  );
}

/** For answers that cannot be told apart by project. @throws CodedError `forbidden` */
export function mustSeeAll(caller: Caller, what: string): void {
  if (caller.seesAll) return;
  throw new CodedError(
    'forbidden',
    `${caller.name} may not see ${what}, which is about all projects: only who sees all of them may.`,
  );
}

/** @throws CodedError `not-owner` */
export async function mustOwn(caller: Caller, project: string, signal: AbortSignal): Promise<void> {
  if (caller.isAdmin || (await caller.owns(project, signal))) return;
  throw new CodedError(
    'not-owner',
    `project: ${caller.name} is not an owner of project "${project.slice(0, 255)}"; only an owner of it may do that.`,
    { field: 'project' },
  );
}

/**
 * Tells of each project whether the caller may see it; decided beforehand for those it was
 * made for. What is of no known project (null) is for those who see everything.
 */
export type Sight = (project: string | null) => boolean;

export const seesEverything: Sight = () => true;

export async function sightOf(
  caller: Caller,
  projects: Iterable<string>,
  signal: AbortSignal,
): Promise<Sight> {
  if (caller.seesAll) return seesEverything;
  const visible = await caller.visible([...new Set(projects)], signal);
  return (project) => project !== null && visible.has(project);
}

export async function maySee(caller: Caller, project: string, signal: AbortSignal): Promise<boolean> {
  return (await sightOf(caller, [project], signal))(project);
}
