/**
 * A Node.js too old for Penstock: a real one where the machine has it, else ours pretending,
 * which shows the same as far as the version check goes.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const PRETEND = `data:text/javascript,${encodeURIComponent(
  'Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.20.2"}})',
)}`;

/** Command and leading arguments; append a script. */
export type NodeCommand = readonly [command: string, ...args: string[]];

export const PRETENDED_OLD_NODE: NodeCommand = [process.execPath, '--import', PRETEND];

export function oldNode(): NodeCommand {
  const real = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((place) => !place.includes('node_modules'))
    .map((place) => join(place, 'node'))
    .find((path) => existsSync(path) && majorOf(path) < 24);
  return real === undefined ? PRETENDED_OLD_NODE : [real];
}

function majorOf(path: string): number {
  const { stdout } = spawnSync(path, ['-p', 'process.versions.node'], { encoding: 'utf8' });
  return Number.parseInt(stdout, 10);
}
