/**
 * Tekton listens on every interface for its webhook, probes and profiling, and has no flag
 * for that. Nothing of the rig may be reached from outside, so the two modules that open
 * those ports are copied out of the module cache and the addresses in the copies changed;
 * the build then takes the copies through `replace` lines in a go.mod of its own.
 *
 * Always true: a place that is not found exactly as often as expected stops the build, so
 * a new Tekton cannot silently listen to the world again.
 */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { askGo, type Go, moduleSource } from './go.ts';
import { copyWritable } from './writable-copy.ts';

interface Change {
  readonly module: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const TEKTON = 'github.com/tektoncd/pipeline';
const KNATIVE = 'knative.dev/pkg';

const CHANGES: readonly Change[] = [
  {
    module: TEKTON,
    file: 'cmd/controller/main.go',
    from: 'http.ListenAndServe(":"+port, mux)',
    to: 'http.ListenAndServe("127.0.0.1:"+port, mux)',
  },
  {
    module: TEKTON,
    file: 'cmd/webhook/main.go',
    from: 'http.ListenAndServe(":"+port, mux)',
    to: 'http.ListenAndServe("127.0.0.1:"+port, mux)',
  },
  {
    module: KNATIVE,
    file: 'webhook/webhook.go',
    from: 'fmt.Sprint(":", wh.Options.Port)',
    to: 'fmt.Sprint("127.0.0.1:", wh.Options.Port)',
  },
  {
    module: KNATIVE,
    file: 'observability/runtime/pprof.go',
    from: 'Addr:    ":" + port,',
    to: 'Addr:    "127.0.0.1:" + port,',
  },
  // A second set of probes, on a fixed port, which nobody here asks: a free one will do.
  {
    module: KNATIVE,
    file: 'injection/health_check.go',
    from: 'const HealthCheckDefaultPort = 8080',
    to: 'const HealthCheckDefaultPort = 0',
  },
  {
    module: KNATIVE,
    file: 'injection/health_check.go',
    from: 'Addr: ":" + strconv.Itoa(port)',
    to: 'Addr: "127.0.0.1:" + strconv.Itoa(port)',
  },
];

/** Part of the hash of the binaries: other changes make other programs. */
export const LOOPBACK_RECIPE = JSON.stringify(CHANGES);

/** Writes the changed copies and a go.mod with the replacements into `into`; returns that folder, to build in. */
export function loopbackModule(go: Go, moduleFolder: string, into: string): string {
  rmSync(into, { recursive: true, force: true });
  mkdirSync(into, { recursive: true });
  for (const file of ['go.mod', 'go.sum']) cpSync(join(moduleFolder, file), join(into, file));
  for (const module of [TEKTON, KNATIVE]) {
    const copy = join(into, module.replaceAll('/', '-'));
    copyWritable(moduleSource(go, moduleFolder, module), copy);
    for (const change of CHANGES) if (change.module === module) apply(change, copy);
    askGo(go, into, ['mod', 'edit', `-replace=${module}=${copy}`]);
  }
  return into;
}

function apply({ module, file, from, to }: Change, copy: string): void {
  const path = join(copy, file);
  const parts = readFileSync(path, 'utf8').split(from);
  if (parts.length !== 2) {
    throw new Error(
      `${module}: ${file} has \`${from}\` ${parts.length - 1} times instead of once; look where it listens now`,
    );
  }
  writeFileSync(path, parts.join(to));
}
