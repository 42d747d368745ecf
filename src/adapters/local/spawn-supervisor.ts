/**
 * Starts the supervisor of a run: detached, with nothing shared, so that it goes on
 * whatever happens to this process.
 */
import { spawn } from 'node:child_process';
import { getCompileCacheDir } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { codeOf, writeWhole } from './state/files.ts';
import { runFolder } from './state/layout.ts';
import { type SupervisorOrder, TOKEN_VARIABLE } from './state/records.ts';

// The sources in a clone, the compiled JavaScript in an installed package.
const file = import.meta.url.endsWith('.ts') ? './supervisor/main.ts' : './supervisor/main.js';
const supervisorPath = fileURLToPath(new URL(file, import.meta.url));

/** Where Node itself puts it. Not in our folder: a supervisor writes it after all else, when that may be gone. */
const defaultCompileCache = join(tmpdir(), 'node-compile-cache');

/** Null when it runs; else why it does not. */
export function spawnSupervisor(order: SupervisorOrder): Promise<string | null> {
  const orderPath = join(runFolder(order.folder, order.id), `order.${order.token}.json`);
  try {
    writeWhole(orderPath, JSON.stringify(order), 'through-kill');
  } catch (error) {
    return Promise.resolve(codeOf(error) ?? String(error));
  }
  const child = spawn(process.execPath, [supervisorPath, orderPath], {
    cwd: order.folder,
    env: {
      [TOKEN_VARIABLE]: order.token,
      ...order.env,
      NODE_COMPILE_CACHE: getCompileCacheDir() ?? defaultCompileCache,
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
