/** A `penstock serve` of its own in an empty folder, as a person starts it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

export const PENSTOCK = join(import.meta.dirname, '..', '..', 'bin', 'penstock.js');
const READY_LIMIT_MS = 30_000;
const LOOK_AGAIN_MS = 5;

export interface Served {
  readonly socketPath: string;
  /** From the start of the process until it answered /readyz with yes. */
  readonly readyAfterMs: number;
  end(): Promise<void>;
}

export async function served(): Promise<Served> {
  const folder = mkdtempSync(join(tmpdir(), 'penstock-bench-'));
  const beganAtMs = performance.now();
  const serve = spawn(process.execPath, [PENSTOCK, 'serve', '--data', folder, '--port', '0', '--json'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const end = async (): Promise<void> => {
    serve.kill('SIGTERM');
    if (serve.exitCode === null) await once(serve, 'exit');
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const url = await announcedUrl(serve);
    while ((await fetch(new URL('/readyz', url))).status !== 200) {
      if (performance.now() - beganAtMs > READY_LIMIT_MS) throw new Error('serve does not become ready');
      await setTimeout(LOOK_AGAIN_MS);
    }
    const readyAfterMs = performance.now() - beganAtMs;
    return { socketPath: join(folder, 'penstock.sock'), readyAfterMs, end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** The address in the one JSON document that serve prints when it is ready. */
async function announcedUrl(serve: ChildProcess): Promise<string> {
  const signal = AbortSignal.timeout(READY_LIMIT_MS);
  let printed = '';
  for await (const chunk of serve.stdout?.setEncoding('utf8').iterator({ destroyOnReturn: false }) ?? []) {
    signal.throwIfAborted();
    printed += chunk;
    const url = /"url":\s*"([^"]+)"/.exec(printed)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error(`serve ended without saying where it listens: ${printed}`);
}
