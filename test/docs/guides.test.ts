/**
 * Every guide works as written: its blocks are run in order, in an empty folder, with
 * `penstock` in the path, by what a reader would type.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, test } from 'vitest';
import { type Block, blocksOf, matches } from './guide-blocks.ts';

const root = join(import.meta.dirname, '..', '..');
const guides = readdirSync(join(root, 'docs', 'guides')).filter((name) => name.endsWith('.md'));
const folders: string[] = [];

afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

interface Workplace {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
}

function workplace(): Workplace {
  const top = mkdtempSync(join(tmpdir(), 'penstock-guide-'));
  folders.push(top);
  const folder = join(top, 'work');
  const commands = join(top, 'bin');
  mkdirSync(folder);
  mkdirSync(commands);
  const shim = join(commands, 'penstock');
  writeFileSync(shim, `#!/bin/sh\nexec '${process.execPath}' '${join(root, 'bin', 'penstock.js')}' "$@"\n`);
  chmodSync(shim, 0o755);
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(PENSTOCK_|VITEST|NODE_OPTIONS$)/.test(name),
  );
  const path = [commands, dirname(process.execPath), process.env.PATH].join(delimiter);
  return { folder, env: { ...Object.fromEntries(inherited), PATH: path, NO_COLOR: '1' } };
}

/** Runs a script in a process group of its own, of which nothing is left afterwards. */
async function bash(script: string, { folder, env }: Workplace) {
  const child = spawn('bash', ['-euo', 'pipefail', '-c', script], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  const [status] = await once(child, 'exit');
  if (child.pid !== undefined) endGroup(child.pid);
  const [stdout, stderr] = await output;
  return { status, stdout, stderr };
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGTERM');
  } catch {
    // Nothing of it is left: as it should be.
  }
}

async function follow(blocks: readonly Block[]): Promise<void> {
  const place = workplace();
  let printed = '';
  for (const block of blocks) {
    const where = `line ${block.line}`;
    if (block.kind === 'file') writeFileSync(join(place.folder, block.name), block.text);
    if (block.kind === 'run') {
      const ended = await bash(block.script, place);
      if (ended.status !== 0) throw new Error(`${where}: ended with status ${ended.status}\n${ended.stderr}`);
      printed = ended.stdout;
    }
    if (block.kind === 'output' && !matches(printed, block.wanted)) {
      throw new Error(`${where}: the guide shows\n${block.wanted}\nbut it printed\n${printed}`);
    }
    if (block.kind === 'unmarked') throw new Error(`${where}: say "sh run" or "sh not-run"`);
  }
}

// At once: a reader mostly waits, and so do they.
test.concurrent.each(guides)('docs/guides/%s works as written', { timeout: 180_000 }, async (name) => {
  const blocks = blocksOf(readFileSync(join(root, 'docs', 'guides', name), 'utf8'));

  expect(blocks.filter(({ kind }) => kind === 'run').length).toBeGreaterThan(0);
  await follow(blocks);
});

test('there is at least one guide', () => {
  expect(guides.length).toBeGreaterThan(0);
});

describe('the check of guides finds', () => {
  const fence = (mark: string, body: string): string => `\`\`\`${mark}\n${body}\n\`\`\`\n`;

  test.each([
    ['a command that fails', fence('sh run', 'false'), /line 1: ended with status 1/],
    ['a failing command in the middle', fence('sh run', 'echo why >&2; false\ntrue'), /status 1\nwhy/],
    ['other output', fence('sh run', 'echo one') + fence('text output', 'two'), /line 4: the guide shows/],
    [
      'output beyond what is shown',
      fence('sh run', 'echo a; echo b') + fence('text output', 'a'),
      /but it printed/,
    ],
    ['a block that does not say whether it is run', fence('sh', 'true'), /line 1: say "sh run"/],
  ])('%s', async (_, markdown, wantError) => {
    await expect(follow(blocksOf(markdown))).rejects.toThrow(wantError);
  });

  test('nothing wrong with files, commands and elided output that are right', async () => {
    const markdown =
      fence('yaml file=a.yaml', 'a: 1') +
      fence('sh run', 'cat a.yaml; echo took 17 ms; seq 3; echo end') +
      fence('text output', 'a: 1\ntook ... ms\n...\nend') +
      fence('sh not-run', 'false');
    await expect(follow(blocksOf(markdown))).resolves.toBeUndefined();
  });
});
