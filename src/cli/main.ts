/**
 * The command line as a process: one command from its arguments, and one line for whatever
 * happens that no command foresaw.
 */
import { report, runCommand } from './program.ts';

const args = process.argv.slice(2);

/** The reader of our output may leave early (`penstock queue | head`); that is no error. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  fail(error);
});
process.on('uncaughtException', fail);

function fail(error: unknown): void {
  process.exit(report(error, args));
}

await runCommand(args);
