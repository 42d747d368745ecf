/** Whose the configured projects are; a project that is not listed is not in it. */
import type { Config } from './config.ts';

export function tenantsOf({ projects }: Pick<Config, 'projects'>): ReadonlyMap<string, string> {
  return new Map(projects.map(({ name, tenant }) => [name, tenant]));
}
