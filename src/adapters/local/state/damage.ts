/**
 * After a power cut: files written in the seconds before it may be empty though their
 * names are there. A run whose first file is damaged was never safely created, and is
 * removed, so that it does not block all others.
 */

import { rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { nextTurn, RUNS_PER_TURN } from './creation.ts';
import { runFolder, STATE_FOLDERS, stateFolder } from './layout.ts';
import { readFirstLine } from './run-files.ts';

export async function dropDamaged(folder: string): Promise<void> {
  let looked = 0;
  for (const state of STATE_FOLDERS) {
    if (state === 'archived') continue;
    for (const name of await readdir(stateFolder(folder, state))) {
      const id = name.split('~')[0] ?? name;
      if (isDamaged(folder, id)) {
        rmSync(join(stateFolder(folder, state), name), { force: true });
        rmSync(runFolder(folder, id), { recursive: true, force: true });
      }
      looked += 1;
      if (looked % RUNS_PER_TURN === 0) await nextTurn();
    }
  }
}

/** A run that moved on since it was listed is not missing, only elsewhere: its folder stays. */
function isDamaged(folder: string, id: string): boolean {
  const line = readFirstLine(join(runFolder(folder, id), 'run.jsonl'));
  return line === null || !line.endsWith('}');
}
