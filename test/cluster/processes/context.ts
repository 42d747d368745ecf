/**
 * What the parts of a cluster need to know of each other while they are brought up.
 */
import type { BinarySet } from '../binaries/cache.ts';
import type { Certificates } from './certificates.ts';
import { type Layout, logOf } from './layout.ts';
import type { ProcessPlan } from './process.ts';

export interface Context {
  readonly layout: Layout;
  readonly binaries: BinarySet;
  readonly certificates: Certificates;
}

export const LOOPBACK = '127.0.0.1';

export interface PlanOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly endHard?: boolean;
}

export function planOf({ layout }: Context, name: string, options: PlanOptions): ProcessPlan {
  return { name, env: {}, endHard: false, ...options, log: logOf(layout.folder, name) };
}

export function apiServerUrl({ ports }: Layout): string {
  return `https://${LOOPBACK}:${ports['kube-apiserver']}`;
}
