/** The demo's outside world: as slow as written, the same for the same run, and back after a restart. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Depot, openDepot } from '../../src/cli/demo/depot.ts';
import { contentOf, transferMs } from '../../src/cli/demo/depot-catalogue.ts';
import { EXAMPLES_FOLDER, readExamples } from '../../src/cli/demo/examples.ts';

const examples = readExamples(EXAMPLES_FOLDER, []);
const tool = join(examples.toolsFolder, 'depot.mjs');
const catalogue = {
  downloads: { deps: { kib: 8, seconds: 0.05, spread: 0 } },
  uploads: { image: { seconds: 0.05, spread: 0 } },
};

let folder: string;
let depots: Depot[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'penstock-depot-'));
  depots = [];
});

afterEach(async () => {
  for (const depot of depots) await depot.close();
  rmSync(folder, { recursive: true });
});

async function aDepot(): Promise<Depot> {
  const depot = await openDepot({ catalogue, seed: 1, addressFile: join(folder, 'depot.url') });
  depots.push(depot);
  return depot;
}

function runTool(
  ...words: readonly string[]
): Promise<{ readonly status: number | null; readonly text: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [tool, ...words], {
      cwd: folder,
      env: { ...process.env, DEPOT: join(folder, 'depot.url'), RUN: 'demo-001' },
    });
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
    });
    child.stderr.on('data', (chunk) => {
      text += chunk;
    });
    child.on('close', (status) => resolve({ status, text }));
  });
}

test('a run downloads the very bytes whose checksum its project carries', async () => {
  for (const [name, file] of [
    ['storefront-deps', 'web/storefront/deps.sha256'],
    ['gateway-rules', 'payments/gateway/rules.sha256'],
    ['updater-delta', 'devices/updater/delta.sha256'],
  ] as const) {
    const { kib } = examples.depot.downloads[name] ?? { kib: 0 };
    const want = readFileSync(join(examples.folder, file), 'utf8').split(' ')[0];
    expect(createHash('sha256').update(contentOf(name, kib)).digest('hex')).toBe(want);
  }
});

test('one run downloads and publishes, and the depot counts both', async () => {
  const depot = await aDepot();
  const done = await runTool('get', 'deps', 'deps.txt', 'put', 'deps.txt', 'image');
  expect(done.text).toContain('downloaded deps');
  expect(done.text).toContain('published image');
  expect(done.status).toBe(0);
  expect(readFileSync(join(folder, 'deps.txt'))).toEqual(contentOf('deps', 8));
  expect(depot.counts()).toEqual({ downloads: 1, uploads: 1 });
});

test('a run that finds no depot waits for one, reads its new address, and goes on', async () => {
  writeFileSync(join(folder, 'depot.url'), 'http://127.0.0.1:9\n');
  const waiting = runTool('get', 'deps', 'deps.txt');
  await aDepot();
  const done = await waiting;
  expect(done.status).toBe(0);
  expect(readFileSync(join(folder, 'deps.txt'))).toEqual(contentOf('deps', 8));
});

test('a name that the depot does not have fails at once, with the name', async () => {
  await aDepot();
  const done = await runTool('get', 'nothing-like-it', 'file');
  expect(done.status).toBe(1);
  expect(done.text).toContain('404 to GET nothing-like-it');
});

test('twenty clients at once are all served', async () => {
  const depot = await aDepot();
  const answers = await Promise.all(
    Array.from({ length: 20 }, async (_, i) => (await fetch(`${depot.url}/deps?run=${i}`)).arrayBuffer()),
  );
  expect(answers.map((bytes) => bytes.byteLength)).toEqual(Array(20).fill(contentOf('deps', 8).length));
});

test('what it cannot make sense of is refused, and it goes on serving', async () => {
  const depot = await aDepot();
  expect((await fetch(`${depot.url}/%zz`)).status).toBe(404);
  expect((await fetch(`${depot.url}/deps`, { method: 'POST' })).status).toBe(405);
  expect((await fetch(`${depot.url}/deps?run=a`)).status).toBe(200);
});

test('a transfer takes as long for the same run again, differs between runs, and keeps to its bounds', () => {
  const pace = { kib: 1, seconds: 2, spread: 0.25, cached: { chance: 0.4, seconds: 0.5 } };
  const lengths = Array.from({ length: 400 }, (_, i) =>
    transferMs(pace, { seed: 7, name: 'x', run: `r${i}` }),
  );
  const again = Array.from({ length: 400 }, (_, i) => transferMs(pace, { seed: 7, name: 'x', run: `r${i}` }));
  expect(again).toEqual(lengths);
  expect(new Set(lengths).size).toBeGreaterThan(300);
  expect(Math.min(...lengths)).toBeGreaterThanOrEqual(300);
  expect(Math.max(...lengths)).toBeLessThanOrEqual(3200);
  const quick = lengths.filter((ms) => ms <= 800).length / 400;
  expect(quick).toBeGreaterThan(0.3);
  expect(quick).toBeLessThan(0.5);
});
