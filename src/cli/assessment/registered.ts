/**
 * `penstock assess NAME`: a registered policy, assessed by the Penstock that will launch it,
 * for the projects, pools, queue and history it has.
 */
import { AssessmentSchema } from '../../api/contract/assessment.ts';
import { CodedError } from '../../core/errors/catalogue.ts';
import { QUESTION, withClient } from '../client.ts';
import { policyPath } from '../policies.ts';
import type { AssessOptions } from './options.ts';

/** What says what the world is like: for a registered policy that is known. */
const OF_A_FILE = {
  policy: '--policy',
  projects: '--projects',
  branches: '--branches',
  runners: '--runners',
  pool: '--pool',
  history: '--history',
  duration: '--duration',
  durationP90: '--duration-p90',
  timeout: '--timeout',
  from: '--from',
  whatIf: '--what-if',
  against: '--against',
} as const satisfies Partial<Record<keyof AssessOptions, string>>;

/** @throws CodedError */
export async function assessRegistered(name: string, options: AssessOptions) {
  for (const [option, flag] of Object.entries(OF_A_FILE)) {
    if (options[option as keyof typeof OF_A_FILE] === undefined) continue;
    throw new CodedError(
      'usage',
      `${flag}: is for a file; "${name}" names no file, so the registered policy is assessed with what is here`,
    );
  }
  if (options.finishBy?.includes('T') === true) {
    throw new CodedError('usage', '--finish-by: of a registered policy must be a time such as 06:00');
  }
  const { occurrence, maxPeak, finishBy, maxTimeouts, replications, seed } = options;
  const asked = { occurrence, maxPeak, finishBy, maxTimeouts, replications, seed };
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(asked)) if (value !== undefined) query.set(key, String(value));
  return withClient(options, QUESTION, (client) =>
    client.ask(AssessmentSchema, `${policyPath(name)}/assessment?${query.toString()}`),
  );
}
