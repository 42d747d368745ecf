/**
 * Renews what commands print in a guide: `npm run docs:outputs -- assessing`. Runs its blocks
 * as the test does, and writes the output into each empty or outdated `text output` block.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { blocksOf, matches } from '../test/docs/guide-blocks.ts';

const root = join(import.meta.dirname, '..');
const [name = ''] = process.argv.slice(2);
const path = join(root, 'docs', 'guides', `${name}.md`);

function workplace(): { readonly folder: string; readonly env: NodeJS.ProcessEnv } {
  const folder = mkdtempSync(join(tmpdir(), 'penstock-outputs-'));
  const commands = join(folder, '.bin');
  mkdirSync(commands);
  const shim = join(commands, 'penstock');
  writeFileSync(shim, `#!/bin/sh\nexec '${process.execPath}' '${join(root, 'bin', 'penstock.js')}' "$@"\n`);
  chmodSync(shim, 0o755);
  const search = [commands, dirname(process.execPath), process.env.PATH].join(delimiter);
  return { folder, env: { ...process.env, PATH: search, NO_COLOR: '1' } };
}

const { folder, env } = workplace();
const lines = readFileSync(path, 'utf8').split('\n');
let printed = '';
let renewed = 0;
/** How many lines the guide has grown by above the block. */
let shift = 0;
for (const block of blocksOf(lines.join('\n'))) {
  if (block.kind === 'file') writeFileSync(join(folder, block.name), block.text);
  if (block.kind === 'run') {
    const ran = spawnSync('bash', ['-euo', 'pipefail', '-c', block.script], {
      cwd: folder,
      env,
      encoding: 'utf8',
    });
    if (ran.status !== 0) throw new Error(`line ${block.line}: status ${ran.status}\n${ran.stderr}`);
    printed = ran.stdout;
  }
  if (block.kind === 'output' && !matches(printed, block.wanted)) {
    const before = block.wanted === '' ? 0 : block.wanted.trimEnd().split('\n').length;
    const after = printed
      .trimEnd()
      .split('\n')
      .map((line) => line.trimEnd());
    lines.splice(block.line + shift, before, ...after);
    shift += after.length - before;
    renewed += 1;
  }
}
writeFileSync(path, lines.join('\n'));
rmSync(folder, { recursive: true });
process.stdout.write(`${renewed} outputs of ${name} renewed.\n`);
