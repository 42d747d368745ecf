/**
 * Which runs are running, told from the processes alone: a run runs while its supervisor
 * lives and has not written down how the run ended.
 *
 * Always true: it never counts too many. The outcome is looked for after the processes were
 * listed, so each run that is counted was running when they were; and a supervisor that is
 * about to execute a step, and is two processes for a moment, counts once.
 */
import type { ListedProcess } from './process-list.ts';

const ORDER_FILE = /^([^/]+)\/order\.[^/]+\.json$/;

/**
 * A supervisor is told on its command line where its order is, in the folder of its run.
 *
 * @returns the id of the run that a process with this command line supervises, or null
 */
export function supervisedRun(command: string, engineFolder: string): string | null {
  const runs = `${engineFolder}/runs/`;
  const at = command.lastIndexOf(runs);
  if (at < 0) return null;
  return ORDER_FILE.exec(command.slice(at + runs.length))?.[1] ?? null;
}

export function runningRuns(
  processes: readonly ListedProcess[],
  engineFolder: string,
  hasEnded: (run: string) => boolean,
): ReadonlySet<string> {
  const supervisors = processes.flatMap(({ pid, parent, command }) => {
    const run = supervisedRun(command, engineFolder);
    return run === null ? [] : [{ pid, parent, run }];
  });
  const pids = new Set(supervisors.map(({ pid }) => pid));
  const runs = supervisors.filter(({ parent }) => !pids.has(parent)).map(({ run }) => run);
  return new Set(runs.filter((run) => !hasEnded(run)));
}
