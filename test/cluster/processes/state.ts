/**
 * What is running, in one file: enough to find it, to start a part of it again, and to end
 * exactly that and nothing else. Written whole or not at all.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { locked } from '../binaries/lock.ts';
import type { Layout, Ports } from './layout.ts';
import { isAlive, type ProcessRecord } from './process.ts';

export type Tier = 1 | 2 | 3;

export interface ClusterState {
  readonly version: 1;
  readonly slot: number;
  readonly tier: Tier;
  readonly folder: string;
  readonly ports: Ports;
  /** Of a cluster administrator. */
  readonly kubeconfig: string;
  /** False while it is being started, and for ever when that failed. */
  readonly ready: boolean;
  readonly startedAt: string;
  readonly processes: readonly ProcessRecord[];
}

const stateFile = (layout: Layout): string => join(layout.folder, 'cluster.json');

export function readState(layout: Layout): ClusterState | null {
  try {
    return JSON.parse(readFileSync(stateFile(layout), 'utf8')) as ClusterState;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

export function writeState(layout: Layout, state: ClusterState): void {
  mkdirSync(layout.folder, { recursive: true, mode: 0o700 });
  const unfinished = `${stateFile(layout)}.${process.pid}`;
  writeFileSync(unfinished, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  renameSync(unfinished, stateFile(layout));
}

/** Names of the processes that should run and do not. */
export function missingProcesses(state: ClusterState): readonly string[] {
  return state.processes.filter((process) => !isAlive(process)).map(({ name }) => name);
}

/** Keeps a second `up` or `down` of the same slot out while `action` runs. */
export function alone<Result>(layout: Layout, action: () => Promise<Result>): Promise<Result> {
  const onBusy = (holder: string): never => {
    throw new Error(`Cluster ${layout.slot} is being started or ended (${holder}); wait for that`);
  };
  const what = process.argv
    .slice(1)
    .map((word) => basename(word))
    .join(' ');
  return locked({ name: `cluster-${layout.slot}`, what, onBusy }, action);
}
