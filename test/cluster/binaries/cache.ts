/**
 * Where what is built once is kept: outside the clone, so that a fresh clone and a cleaned
 * one do not build again. A set of binaries lies in a folder named after everything that
 * decides its content, so a changed version or flag can never be served from an old set.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { LOOPBACK_RECIPE } from './loopback-sources.ts';
import { GO_VERSION, MODULE_FOLDERS, PROGRAM_RECIPES, PROGRAMS, type Program } from './recipe.ts';

export const TOOLS_FOLDER = join(import.meta.dirname, '..', 'tools');
const SETS_KEPT = 3;

export interface BinarySet {
  readonly folder: string;
  readonly program: (name: Program) => string;
  /** Tekton's `config` folder and KWOK's `kustomize/stage`, as their modules ship them. */
  readonly tektonConfig: string;
  readonly kwokStages: string;
}

/** The folder that holds binaries and the running cluster's data; `PENSTOCK_CLUSTER_CACHE` moves it. */
export function cacheFolder(): string {
  const chosen = process.env.PENSTOCK_CLUSTER_CACHE;
  if (chosen) return chosen;
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'penstock-cluster');
}

export function binarySet(): BinarySet {
  const folder = join(cacheFolder(), 'binaries', recipeHash());
  return {
    folder,
    program: (name) => join(folder, 'bin', name),
    tektonConfig: join(folder, 'manifests', 'tekton'),
    kwokStages: join(folder, 'manifests', 'kwok'),
  };
}

export function isComplete(set: BinarySet): boolean {
  const needed = [...PROGRAMS.map(set.program), set.tektonConfig, set.kwokStages];
  return needed.every((path) => existsSync(path));
}

function recipeHash(): string {
  const hash = createHash('sha256');
  for (const folder of MODULE_FOLDERS) {
    for (const file of ['go.mod', 'go.sum']) hash.update(readFileSync(join(TOOLS_FOLDER, folder, file)));
  }
  hash.update(JSON.stringify([GO_VERSION, PROGRAM_RECIPES, LOOPBACK_RECIPE, process.arch]));
  return hash.digest('hex').slice(0, 16);
}

/** Marks the set as used now and removes all but the few used last: a set is half a gigabyte. */
export function keepFew(set: BinarySet): void {
  const all = join(cacheFolder(), 'binaries');
  mkdirSync(set.folder, { recursive: true });
  const now = new Date();
  utimesSync(set.folder, now, now);
  const byAge = readdirSync(all)
    .map((name) => join(all, name))
    .toSorted((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  for (const old of byAge.slice(SETS_KEPT)) rmSync(old, { recursive: true, force: true });
}
