/** A process that takes the lock of a data folder and keeps it: `node lock-holder.ts FOLDER`. */
import { writeSync } from 'node:fs';
import { acquireDataLock } from '../../../src/adapters/sql/data-lock.ts';

const STDOUT = 1;

try {
  await acquireDataLock(process.argv[2] ?? '', 'penstock serve');
  writeSync(STDOUT, 'locked\n');
  // Until its parent ends it, or is gone itself.
  process.stdin.resume();
  process.stdin.on('end', () => process.exit(0));
} catch (error) {
  writeSync(STDOUT, `${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
