/** The pools as a table: what there is, what of it is used, how many wait, and what is odd. */
import type { z } from 'zod';
import type { PoolSchema } from '../../api/contract.ts';
import { stdoutPaper } from './stdout-paper.ts';
import { type Column, table } from './table.ts';

type Pool = z.output<typeof PoolSchema>;

const COLUMNS: readonly Column<Pool>[] = [
  { title: 'POOL', text: (pool) => pool.name },
  { title: 'SIZE', align: 'right', text: (pool) => `${pool.size}` },
  { title: 'USED', align: 'right', text: (pool) => `${pool.used}` },
  { title: 'FREE', align: 'right', text: (pool) => `${pool.free}` },
  { title: 'WAITING', align: 'right', text: (pool) => `${pool.waiting}` },
  { title: 'NOTE', text: noteOf, style: (pool) => (noteOf(pool) === '' ? 'plain' : 'warn') },
];

export function poolsText(pools: readonly Pool[]): string {
  return table(COLUMNS, pools, stdoutPaper());
}

function noteOf(pool: Pool): string {
  if (pool.doubt !== null) return `in doubt, starts nothing: ${pool.doubt}`;
  return pool.paused ? 'paused' : '';
}
