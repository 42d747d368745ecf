/** What the scripts have in common that kill Penstock at random moments and then look at what is left. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Random, randomStream } from '../../src/core/random/random.ts';

export const PENSTOCK = fileURLToPath(new URL('../../bin/penstock.js', import.meta.url));

export interface Lives {
  readonly shortestMs: number;
  readonly longestMs: number;
}

export interface Killing {
  /** Empty, and gone afterwards. */
  readonly folder: string;
  /** How long the next process lives. */
  readonly nextLifeMs: () => number;
  /** The document that a command prints. */
  readonly penstock: (...args: readonly string[]) => ReturnType<typeof JSON.parse>;
  readonly serve: () => ChildProcess;
}

/** Runs `main`, tells what it found wrong, and says so by the status of the process. */
export async function kill(
  about: { readonly what: string; readonly seed: string; readonly lives: Lives; readonly good: string },
  main: (killing: Killing) => Promise<readonly string[]>,
): Promise<void> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'penstock-kill-')));
  const random = randomStream(Number(about.seed), `moments of killing ${about.what}`);
  try {
    const wrong = await main({
      folder,
      nextLifeMs: () => lifeMs(about.lives, random),
      penstock: (...args) =>
        JSON.parse(
          execFileSync(process.execPath, [PENSTOCK, ...args, '--json'], { cwd: folder, encoding: 'utf8' }),
        ),
      serve: () =>
        spawn(process.execPath, [PENSTOCK, 'serve', '--port', 'off'], { cwd: folder, stdio: 'ignore' }),
    });
    for (const line of wrong) process.stderr.write(`not so good: ${line}\n`);
    process.stdout.write(wrong.length === 0 ? `${about.good}\n` : '');
    process.exitCode = wrong.length === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function lifeMs({ shortestMs, longestMs }: Lives, random: Random): number {
  return Math.round(shortestMs + random.next() * (longestMs - shortestMs));
}

/** Each run writes its name into a file when it executes: what really ran is known from the runs. */
export function executedIn(file: string): readonly string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
}
