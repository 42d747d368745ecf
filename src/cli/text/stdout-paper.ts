/** The terminal as paper for tables: its width and its colours, or no limit and no colours without one. */
import { paint } from './style.ts';
import type { Paper } from './table.ts';

export function stdoutPaper(): Paper {
  return { width: process.stdout.isTTY ? (process.stdout.columns ?? 80) : null, paint };
}
