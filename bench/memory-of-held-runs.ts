/**
 * Child process of the memory section: builds a queue of held runs and prints how many
 * bytes it occupies, typed arrays included. Run with --expose-gc.
 */

import { buildTables } from '../src/core/admission/build-tables.ts';
import { AdmissionQueue } from '../src/core/admission/queue.ts';
import { admissionQueue } from './workloads/admission.ts';

function occupied(): number {
  if (globalThis.gc === undefined) throw new Error('run this with --expose-gc');
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const runs = Number(process.argv[2]);
// Once in small first, so that compiled code and the like are not counted.
new AdmissionQueue(buildTables(admissionQueue({ runs: 1_000, tenants: 50, seed: 2 })));
const before = occupied();
const snapshot = admissionQueue({ runs, tenants: 50, seed: 1 });
const queue = new AdmissionQueue(buildTables(snapshot));
const bytes = occupied() - before;

// Both are used after the measurement, so neither was collected before it.
const held = Math.min(snapshot.held.length, queue.tables.heldCount);
process.stdout.write(`${JSON.stringify({ bytes, held })}\n`);
