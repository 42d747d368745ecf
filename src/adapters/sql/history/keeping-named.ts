/** Runs that had ended before anybody knew that they were made for a policy. */
import type { RunId } from '../../../core/model/run.ts';
import { readFinished } from '../runs.ts';
import type { Tx } from '../schema.ts';
import { keepFinished } from './keeping.ts';

/** Within the caller's transaction. */
export async function keepNamed(tx: Tx, runIds: readonly RunId[]): Promise<void> {
  for (const id of runIds) {
    const run = await readFinished(tx, id);
    if (run !== null) await keepFinished(tx, [run]);
  }
}
