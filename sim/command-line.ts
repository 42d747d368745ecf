/** What the simulator's commands have in common: numbers from their arguments, one line for what is wrong. */

/** @throws Error that names the option and what is allowed */
export function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new Error(`--${name}: must be a whole number of at least ${least}, not "${text}"`);
}

/** Runs the command `name`; `main` answers the exit status. */
export async function runMain(name: string, main: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await main();
  } catch (error) {
    process.stderr.write(`${name}: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
