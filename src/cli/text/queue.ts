/** The queue as a table: place, run, what it waits for, and when it starts. */
import type { z } from 'zod';
import type { QueueSchema } from '../../api/contract.ts';
import { RUNS_POOL } from '../../core/model/run.ts';
import { stdoutPaper } from './stdout-paper.ts';
import { type Column, table } from './table.ts';
import { clock, moment } from './when.ts';

type Queue = z.output<typeof QueueSchema>;
type Entry = Queue['entries'][number];
type Reason = NonNullable<Entry['reason']>;

export function queueText(queue: Queue): string {
  const head = `${queue.held} waiting, ${queue.starting} starting, ${queue.running} running at ${clock(queue.nowMs, queue.nowMs)}`;
  if (queue.held === 0) return `${head}. Nothing waits.`;
  const paper = stdoutPaper();
  const more = queue.held - queue.entries.length;
  const rest = more > 0 ? `\n\n${more} more wait; --limit shows more of them.` : '';
  return `${head}\n\n${table(columns(queue.nowMs), queue.entries, paper)}${rest}\n\n"penstock explain RUN" says more about one of them.`;
}

function columns(nowMs: number): readonly Column<Entry>[] {
  return [
    { title: '#', align: 'right', text: (entry) => (entry.position === null ? '-' : `${entry.position}`) },
    { title: 'RUN', text: (entry) => entry.run.id },
    { title: 'TENANT', text: (entry) => entry.run.tenant, yieldsTo: 8 },
    {
      title: 'WAITS FOR',
      text: (entry) => waitsFor(entry.reason),
      yieldsTo: 12,
      style: (entry) => (entry.startsAtMs === null ? 'warn' : 'plain'),
    },
    {
      title: 'STARTS ABOUT',
      text: (entry) => (entry.startsAtMs === null ? 'not in sight' : moment(nowMs, entry.startsAtMs.p50)),
      style: (entry) => (entry.startsAtMs === null ? 'warn' : 'plain'),
    },
  ];
}

/** In a few words; `explain` has the sentence. */
export function waitsFor(reason: Reason | null): string {
  if (reason === null) return 'nothing';
  switch (reason.kind) {
    case 'paused':
      return reason.scope === 'everything' ? 'all is paused' : `${reason.scope} ${reason.name} is paused`;
    case 'malformed':
      return 'its own mending: see explain';
    case 'unknown-pool':
      return `no pool ${reason.pool}`;
    case 'unknown-priority':
      return `no priority ${reason.priority}`;
    case 'never-fits':
      return `asks ${reason.asked} of ${reason.size} ${poolName(reason.pool)}`;
    case 'never-fits-cap':
      return `asks ${reason.asked}, may use ${reason.cap} ${poolName(reason.pool)}`;
    case 'capacity-in-doubt':
      return `${poolName(reason.pool)}: in doubt`;
    case 'pool-full':
      return `${poolName(reason.pool)}: ${reason.free} of ${reason.size} free`;
    case 'tenant-cap':
      return `${poolName(reason.pool)}: own cap ${reason.cap}`;
    case 'reserved':
      return `${poolName(reason.pool)}: kept for ${reason.forRun}`;
    case 'behind':
      return waitsFor(reason.first);
  }
}

function poolName(pool: string): string {
  return pool === RUNS_POOL ? 'slots' : pool;
}
