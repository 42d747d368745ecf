/**
 * The packed `penstock serve`, as an image of it would run: the files of the package and its
 * own way in, with the flags for Node.js and its allocator that the manifests set, without a compile cache (an
 * image's file system is read-only), signed in as Penstock's service account.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CONTROLLER_ALLOCATOR,
  CONTROLLER_NODE_OPTIONS,
} from '../../src/adapters/tekton/manifests/workloads.ts';
import { type Access, writeKubeconfig } from '../../test/cluster/client/kubeconfig.ts';
import { type PenstockOptions, PenstockProcess } from '../../test/cluster/rig/penstock-process.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** Within reach of the packages it needs, and without the sources, which it would prefer. */
const PACKAGE = join(ROOT, 'node_modules', '.cache', 'bench-package');
const KILOBYTE = 1024;

/** After a build. */
export function pack(): void {
  rmSync(PACKAGE, { recursive: true, force: true });
  for (const part of ['bin', 'dist', 'package.json']) {
    cpSync(join(ROOT, part), join(PACKAGE, part), { recursive: true });
  }
}

export interface ServeOptions {
  readonly access: Access;
  readonly namespace: string;
  /** Size of the pool `runs`. */
  readonly slots: number;
}

/** Not started yet. Everything that is not needed to find the cluster is as it is by default. */
export function packedServe({ access, namespace, slots }: ServeOptions): PenstockProcess {
  const folder = mkdtempSync(join(tmpdir(), 'penstock-bench-'));
  const kubeconfig = join(folder, 'kubeconfig');
  writeKubeconfig(kubeconfig, access);
  return new ServeWithKubeconfig(folder, {
    kubeconfig,
    program: [...CONTROLLER_NODE_OPTIONS, join(PACKAGE, 'bin', 'penstock.js')],
    env: { NODE_DISABLE_COMPILE_CACHE: '1', ...CONTROLLER_ALLOCATOR },
    config: { pools: { runs: { size: slots } } },
    tekton: { namespace, explainEvery: '2s' },
  });
}

class ServeWithKubeconfig extends PenstockProcess {
  readonly #kubeconfigFolder: string;

  constructor(kubeconfigFolder: string, options: PenstockOptions) {
    super(options);
    this.#kubeconfigFolder = kubeconfigFolder;
  }

  override async dispose(): Promise<void> {
    await super.dispose();
    rmSync(this.#kubeconfigFolder, { recursive: true, force: true });
  }
}

export interface Resident {
  readonly megabytes: number;
  readonly highestMegabytes: number;
}

/** As Linux counts it. */
export function residentOf(pid: number): Resident {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string): number =>
    (Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(text)?.[1]) * KILOBYTE) / 1e6;
  return { megabytes: field('VmRSS'), highestMegabytes: field('VmHWM') };
}
