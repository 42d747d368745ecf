/**
 * Writes go.mod and go.sum of the tool modules anew from the versions in recipe.ts:
 *
 *   node test/cluster/binaries/pin-versions.ts
 *
 * Run it after a version was changed there, and commit what it wrote.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { TOOLS_FOLDER } from './cache.ts';
import { askGo, findGo, type Go } from './go.ts';
import { GO_VERSION, PROGRAM_RECIPES, TOOL_MODULES, type ToolModule } from './recipe.ts';

/** A module path of our own that nobody fetches: the folder is built from, never depended on. */
const OUR_PATH = 'penstock.dev/test/cluster/tools';

function pin(go: Go, { folder, module, version }: ToolModule): void {
  const place = join(TOOLS_FOLDER, folder);
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place, { recursive: true });
  const run = (...args: readonly string[]): void => {
    execFileSync(go.command, args, { cwd: place, env: { ...go.env, GOFLAGS: '' }, stdio: 'inherit' });
  };
  run('mod', 'init', `${OUR_PATH}/${folder}`);
  run('mod', 'edit', `-go=${GO_VERSION}`);
  if (folder === 'kube')
    for (const replacement of stagingReplacements(go, place, version)) run('mod', 'edit', replacement);
  const programs = PROGRAM_RECIPES.filter((recipe) => recipe.folder === folder);
  run('get', '-tool', ...programs.map(({ packagePath }) => `${packagePath}@${version}`));
  process.stdout.write(`${folder}: ${module} ${version}\n`);
}

/**
 * Kubernetes asks for its own libraries at v0.0.0 and replaces them by folders of its
 * repository. Replacements of a dependency do not count, so ours name the published
 * libraries: v1.36.3 of Kubernetes goes with v0.36.3 of each.
 */
function stagingReplacements(go: Go, place: string, version: string): readonly string[] {
  const answer = askGo(go, place, ['mod', 'download', '-json', `k8s.io/kubernetes@${version}`]);
  const { GoMod: file } = JSON.parse(answer) as { readonly GoMod: string };
  const libraries = [...readFileSync(file, 'utf8').matchAll(/^\s*(k8s\.io\/\S+) => \.\/staging\//gm)];
  return libraries.map(([, library]) => `-replace=${library}=${library}@${version.replace(/^v1/, 'v0')}`);
}

const go = findGo();
for (const module of TOOL_MODULES) pin(go, module);
