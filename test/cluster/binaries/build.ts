/**
 * Builds what is missing of the set of binaries, and lays the YAML that Tekton's and KWOK's
 * modules ship beside them, so that starting a cluster needs neither Go nor a network.
 *
 * Always true: a program appears under its name only when it is whole; a build that was
 * interrupted goes on where it stopped.
 */
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type BinarySet, binarySet, isComplete, keepFew, TOOLS_FOLDER } from './cache.ts';
import { findGo, type Go, moduleSource, runGo } from './go.ts';
import { locked } from './lock.ts';
import { loopbackModule } from './loopback-sources.ts';
import { PROGRAM_RECIPES, type ProgramRecipe, TOOL_MODULES } from './recipe.ts';
import { copyWritable } from './writable-copy.ts';

type Say = (line: string) => void;

/** The whole set; builds it first where that was not done yet, which takes minutes. */
export async function builtBinaries(say: Say): Promise<BinarySet> {
  const set = binarySet();
  if (!isComplete(set)) {
    const onBusy = (holder: string): void => say(`waiting for another build (${holder}) ...`);
    await locked({ name: 'build', what: 'building', onBusy }, () => build(set, say));
  }
  keepFew(set);
  return set;
}

async function build(set: BinarySet, say: Say): Promise<void> {
  if (isComplete(set)) return;
  const go = findGo();
  say(`building the cluster's programs once, with ${go.command} (some 10 minutes on two cores) ...`);
  mkdirSync(join(set.folder, 'bin'), { recursive: true });
  const sources = join(set.folder, 'sources');
  let tekton: string | null = null;
  for (const recipe of PROGRAM_RECIPES) {
    if (existsSync(set.program(recipe.program))) continue;
    const beganMs = Date.now();
    const plain = join(TOOLS_FOLDER, recipe.folder);
    if (recipe.folder === 'tekton') tekton ??= loopbackModule(go, plain, sources);
    await buildProgram(go, recipe, {
      folder: tekton !== null && recipe.folder === 'tekton' ? tekton : plain,
      set,
    });
    say(`  ${recipe.program}: ${Math.round((Date.now() - beganMs) / 1000)} s`);
  }
  copyManifests(go, set);
  rmSync(sources, { recursive: true, force: true });
}

interface Place {
  readonly folder: string;
  readonly set: BinarySet;
}

async function buildProgram(go: Go, recipe: ProgramRecipe, { folder, set }: Place): Promise<void> {
  const values = Object.entries(recipe.values).map(([name, value]) => `-X ${name}=${value}`);
  const unfinished = join(set.folder, `unfinished-${recipe.program}-${process.pid}`);
  const flags = ['-trimpath', '-buildvcs=false', '-ldflags', ['-s -w', ...values].join(' ')];
  await runGo(go, folder, ['build', ...flags, '-o', unfinished, recipe.packagePath]);
  renameSync(unfinished, set.program(recipe.program));
}

function copyManifests(go: Go, set: BinarySet): void {
  const copies = [
    { module: 'github.com/tektoncd/pipeline', from: 'config', to: set.tektonConfig },
    { module: 'sigs.k8s.io/kwok', from: 'kustomize/stage', to: set.kwokStages },
  ];
  mkdirSync(join(set.folder, 'manifests'), { recursive: true });
  for (const { module, from, to } of copies) {
    const folder = TOOL_MODULES.find((tool) => tool.module === module)?.folder ?? '';
    const unfinished = `${to}-${process.pid}`;
    copyWritable(join(moduleSource(go, join(TOOLS_FOLDER, folder), module), from), unfinished);
    renameSync(unfinished, to);
  }
}
