/**
 * Sends the samples of a file to the history of a policy.
 *
 * Always true: batches are bounded in number and in size; sending the same again, after
 * whatever broke off, adds nothing twice.
 */
import { ImportedRunsSchema, type ImportRunsBody } from '../../api/contract/history.ts';
import { placesFromEnd } from '../../documents/history/policy-samples.ts';
import type { HistorySample } from '../../documents/history/sample.ts';
import type { Client } from '../client.ts';
import { policySamplesPath } from '../policies.ts';

type ImportRun = ImportRunsBody['runs'][number];

const BATCH_RUNS = 500;
/** Well below what a body may have, in the characters of JSON. */
const BATCH_CHARACTERS = 256 * 1024;
const REASON_MAX = 2_000;
const SECOND_MS = 1_000;

export interface SentRuns {
  readonly added: number;
  readonly known: number;
  readonly tooOld: number;
}

/** @throws CodedError */
export async function sendRuns(
  client: Client,
  policy: string,
  { samples, nowMs }: { readonly samples: readonly HistorySample[]; readonly nowMs: number },
): Promise<SentRuns> {
  const starts = startsOf(samples, nowMs);
  let sent: SentRuns = { added: 0, known: 0, tooOld: 0 };
  for (const runs of batches(samples.map((sample, place) => runOf(sample, starts[place] as number)))) {
    const { added, known, tooOld } = await client.order(ImportedRunsSchema, policySamplesPath(policy), {
      runs,
    });
    sent = { added: sent.added + added, known: sent.known + known, tooOld: sent.tooOld + tooOld };
  }
  return sent;
}

/** Where the file has no times, the runs of each project started in its order, and have all ended now. */
function startsOf(samples: readonly HistorySample[], nowMs: number): readonly number[] {
  const longestMs = samples.reduce((most, { durationMs }) => Math.max(most, durationMs), 0);
  const fromEnd = placesFromEnd(samples.map(({ project }) => project));
  return samples.map(
    ({ startedAtMs }, place) => startedAtMs ?? nowMs - longestMs - (fromEnd[place] as number),
  );
}

function* batches(runs: readonly ImportRun[]): Generator<readonly ImportRun[]> {
  let batch: ImportRun[] = [];
  let characters = 0;
  for (const run of runs) {
    const length = JSON.stringify(run).length;
    if (batch.length === BATCH_RUNS || (batch.length > 0 && characters + length > BATCH_CHARACTERS)) {
      yield batch;
      batch = [];
      characters = 0;
    }
    batch.push(run);
    characters += length;
  }
  if (batch.length > 0) yield batch;
}

function runOf(sample: HistorySample, startedAtMs: number): ImportRun {
  const { key, project, branch, contentHash, configHash, cause, durationMs, outcome, usage } = sample;
  const { queuedMs, jobMs, failureReason, profile } = sample;
  const tasks = profile?.tasks.map((task) => ({ ...task })) ?? [];
  return {
    id: key,
    project,
    branch,
    contentHash,
    configHash,
    cause,
    startedAtMs,
    durationMs,
    queuedMs: queuedMs === null ? null : Math.round(queuedMs),
    outcome,
    failureReason: failureReason?.slice(0, REASON_MAX) ?? null,
    jobSeconds: jobMs === null ? null : jobMs / SECOND_MS,
    usage,
    profile: profile === null ? null : { tasks, tasksLeftOut: profile.tasksLeftOut },
  };
}
