/** What `pause`, `resume` and `drain` are about: everything, unless a tenant or a pool is named. */
import { type Command, Option } from 'commander';
import type { PauseTarget } from '../ports/store.ts';

export interface TargetOptions {
  readonly tenant?: string;
  readonly pool?: string;
}

export function withTarget(command: Command): Command {
  return command
    .addOption(new Option('--tenant <tenant>', 'only this tenant').conflicts('pool'))
    .addOption(new Option('--pool <pool>', 'only what needs this pool'));
}

export function targetOf({ tenant, pool }: TargetOptions): PauseTarget {
  if (tenant !== undefined) return { scope: 'tenant', name: tenant };
  return pool === undefined ? { scope: 'everything' } : { scope: 'pool', name: pool };
}
