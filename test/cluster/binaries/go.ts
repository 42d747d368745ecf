/**
 * Finds a Go that can build the cluster, and runs it.
 *
 * Any Go since 1.21 does: it fetches the toolchain that go.mod asks for as a Go module. An
 * older one, such as Debian 12's, cannot do that by itself but can download the same module;
 * it is unpacked and used directly. Every call gets the same settings, whatever the user's
 * Go environment says, so that the same sources give the same programs.
 */
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, readdirSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { GO_VERSION } from './recipe.ts';

export interface Go {
  readonly command: string;
  readonly env: NodeJS.ProcessEnv;
}

const PLACES = ['go', '/usr/local/go/bin/go', '/usr/lib/go/bin/go'];
const FIRST_WITH_TOOLCHAINS = [1, 21] as const;
const QUERY_MS = 60_000;
const DOWNLOAD_MS = 600_000;

export function findGo(): Go {
  const found = PLACES.flatMap((command) => {
    const version = versionOf(command);
    return version === null ? [] : [{ command, fetchesToolchains: isRecent(version) }];
  });
  const best = found.find(({ fetchesToolchains }) => fetchesToolchains) ?? found[0];
  if (best !== undefined) {
    return best.fetchesToolchains
      ? { command: best.command, env: settings('auto') }
      : bootstrapped(best.command);
  }
  throw new Error(
    'There is no Go to build the cluster with. Install any (`npm run test:all` does; Debian: apt-get install ' +
      `golang-go): it fetches Go ${GO_VERSION} by itself. Or set KUBECONFIG to a cluster that exists.`,
  );
}

function versionOf(command: string): string | null {
  try {
    const env = { ...process.env, GOTOOLCHAIN: 'local' };
    const said = execFileSync(command, ['version'], { encoding: 'utf8', env, timeout: QUERY_MS });
    return /\bgo(\d+\.\d+(\.\d+)?)/.exec(said)?.[1] ?? null;
  } catch {
    return null;
  }
}

function isRecent(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantedMajor, wantedMinor] = FIRST_WITH_TOOLCHAINS;
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

function settings(toolchain: 'auto' | 'local'): NodeJS.ProcessEnv {
  const { GOROOT: _, ...environment } = process.env;
  return {
    ...environment,
    GOTOOLCHAIN: toolchain,
    GOFLAGS: '-mod=readonly',
    GOWORK: 'off',
    CGO_ENABLED: '0',
  };
}

/** Go as a module: golang.org/toolchain, version v0.0.1-goVERSION.OS-ARCH (https://go.dev/doc/toolchain). */
function bootstrapped(command: string): Go {
  const system = `${platform()}-${arch() === 'x64' ? 'amd64' : arch()}`;
  const module = `golang.org/toolchain@v0.0.1-go${GO_VERSION}.${system}`;
  const env = { ...process.env, GOFLAGS: '', GO111MODULE: 'on' };
  const answer = execFileSync(command, ['mod', 'download', '-json', module], {
    encoding: 'utf8',
    env,
    timeout: DOWNLOAD_MS,
  });
  const { Dir: folder } = JSON.parse(answer) as { readonly Dir: string };
  // A module's files are not executable; Go itself sets these bits when it fetches a toolchain.
  for (const programs of ['bin', `pkg/tool/${system.replace('-', '_')}`]) {
    const place = join(folder, programs);
    chmodSync(place, 0o755);
    for (const name of readdirSync(place)) chmodSync(join(place, name), 0o755);
  }
  return { command: join(folder, 'bin', 'go'), env: settings('local') };
}

/** Runs a query such as `go list` and returns what it printed. */
export function askGo(go: Go, folder: string, args: readonly string[]): string {
  return execFileSync(go.command, args, {
    cwd: folder,
    env: go.env,
    encoding: 'utf8',
    timeout: DOWNLOAD_MS,
    maxBuffer: 64 * 1024 * 1024,
  });
}

/** Where the sources of a module that `folder` depends on lie; fetches them when needed. */
export function moduleSource(go: Go, folder: string, module: string): string {
  askGo(go, folder, ['mod', 'download', module]);
  return askGo(go, folder, ['list', '-m', '-f', '{{.Dir}}', module]).trim();
}

/** Runs a build; its output goes to ours. */
export async function runGo(go: Go, folder: string, args: readonly string[]): Promise<void> {
  const child = spawn(go.command, args, {
    cwd: folder,
    env: go.env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (status !== 0) throw new Error(`go ${args.join(' ')} ended with status ${status}`);
}
