/**
 * Starts the supervisor of a run: detached, with nothing shared, so that it goes on
 * whatever happens to this process.
 */
import { spawn } from 'node:child_process';
import { getCompileCacheDir } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type SupervisorOrder, TOKEN_VARIABLE } from './state/records.ts';

// The sources in a clone, the compiled JavaScript in an installed package.
const file = import.meta.url.endsWith('.ts') ? './supervisor/main.ts' : './supervisor/main.js';
const supervisorPath = fileURLToPath(new URL(file, import.meta.url));

/** Null when it runs; else why it does not. */
export function spawnSupervisor(order: SupervisorOrder): Promise<string | null> {
  const child = spawn(process.execPath, [supervisorPath, JSON.stringify(order)], {
    cwd: order.folder,
    env: {
      [TOKEN_VARIABLE]: order.token,
      ...order.env,
      NODE_COMPILE_CACHE: getCompileCacheDir() ?? join(order.folder, 'compile-cache'),
    },
    detached: true,
    stdio: 'ignore',
  });
  child.unref();
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('spawn', () => resolve(null));
  });
}
