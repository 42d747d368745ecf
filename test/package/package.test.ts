/**
 * The package as somebody gets it who installs it: packed, installed from the tarball in an
 * empty folder, run from there. Types are not stripped under node_modules, so whatever was
 * left as TypeScript, or was left out, fails here and nowhere else.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, expect, type TestContext, test } from 'vitest';
import { oldNode } from '../support/old-node.ts';
import { PATIENCE, requires } from '../support/prerequisites.ts';

const root = join(import.meta.dirname, '..', '..');
const MINUTES = 300_000;

const PIPELINE = `apiVersion: tekton.dev/v1
kind: Pipeline
metadata:
  name: hello
spec:
  tasks:
    - name: greet
      taskSpec:
        steps:
          - name: say
            image: busybox
            script: echo hello
`;

/** The environment of a plain shell: without what the package manager sets for its scripts. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|NODE_OPTIONS$|VITEST|PENSTOCK_)/i.test(name),
  );
  return Object.fromEntries(kept);
}

function run(folder: string, command: string, args: readonly string[], env = plainEnvironment()) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8', env });
  return { status, stdout, stderr };
}

let installed: string | null = null;

afterAll(() => {
  if (installed !== null) rmSync(installed, { recursive: true, force: true });
});

/** Packs and installs once, at the first test that is not skipped. */
function installedPackage(context: TestContext): string {
  requires(context, PATIENCE);
  if (installed !== null) return installed;
  const folder = mkdtempSync(join(tmpdir(), 'penstock-package-'));
  installed = folder;
  const packed = run(root, 'npm', ['pack', '--pack-destination', folder]);
  expect(packed).toMatchObject({ status: 0 });
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  expect(tarball).toMatch(/^penstock-\d+\.\d+\.\d+\.tgz$/);
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const install = run(folder, 'npm', ['install', '--no-audit', '--no-fund', `./${tarball}`]);
  expect(install).toMatchObject({ status: 0 });
  return folder;
}

function penstock(folder: string, ...args: readonly string[]) {
  // The tests' own Node first, as on a machine whose Node is new enough.
  const nodeFolder = join(process.execPath, '..');
  const env = { ...plainEnvironment(), PATH: `${nodeFolder}${delimiter}${process.env.PATH}` };
  const { status, stdout, stderr } = run(folder, 'npx', ['--no-install', 'penstock', ...args], env);
  // What npx itself has to say about the machine's settings is not Penstock's.
  return { status, stdout, stderr: stderr.replaceAll(/^npm warn .*\n/gm, '') };
}

test('the tarball carries compiled JavaScript, the help and the licence, and no TypeScript', {
  timeout: MINUTES,
}, (context) => {
  const folder = installedPackage(context);
  const here = join(folder, 'node_modules', 'penstock');
  const files = readdirSync(here, { recursive: true, encoding: 'utf8' });

  for (const wanted of ['dist/cli/main.js', 'dist/help.txt', 'bin/penstock.js', 'LICENSE', 'README.md']) {
    expect(files).toContain(wanted);
  }
  expect(files.filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))).toEqual([]);
  expect(files.filter((path) => /^(test|sim|bench|src)\//.test(path))).toEqual([]);
});

test('installed, penstock --help tells the commands', { timeout: MINUTES }, (context) => {
  const folder = installedPackage(context);

  const help = penstock(folder, '--help');

  expect(help).toMatchObject({ status: 0 });
  expect(help.stdout).toMatch(/demo[\s\S]*serve[\s\S]*queue/);
});

test('installed, a run is created, waits in the queue, and a wrong file is refused in one line', {
  timeout: MINUTES,
}, (context) => {
  const folder = installedPackage(context);
  writeFileSync(join(folder, 'hello.yaml'), PIPELINE);

  const created = penstock(folder, 'run', 'create', '-f', 'hello.yaml', '--count', '2', '--json');
  expect(created).toMatchObject({ status: 0 });
  const queue = penstock(folder, 'queue', '--json');
  expect(queue).toMatchObject({ status: 0 });
  expect(JSON.parse(queue.stdout)).toMatchObject({ held: 2, running: 0 });

  const refused = penstock(folder, 'run', 'create', '-f', 'gone.yaml');
  expect(refused).toMatchObject({ status: 1, stdout: '' });
  expect(refused.stderr).toMatch(/^[^\n]*gone\.yaml[^\n]*\n$/);
});

test('installed, serve starts what is held, and the compiled supervisor runs it to its end', {
  timeout: MINUTES,
}, async (context) => {
  const folder = installedPackage(context);
  writeFileSync(join(folder, 'hello.yaml'), PIPELINE);
  expect(penstock(folder, 'run', 'create', '-f', 'hello.yaml', '--json')).toMatchObject({ status: 0 });
  const script = join(folder, 'node_modules', 'penstock', 'bin', 'penstock.js');
  const serve = spawn(process.execPath, [script, 'serve', '--port', 'off', '--json'], {
    cwd: folder,
    env: plainEnvironment(),
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(serve, 'exit');

  try {
    await once(serve.stdout, 'data');
    const states = () => statesOf(penstock(folder, 'run', 'list', '--json').stdout);
    await expect.poll(states, { timeout: 60_000, interval: 500 }).not.toContain('held');
    await expect.poll(states, { timeout: 60_000, interval: 500 }).not.toContain('running');
    expect(new Set(states())).toEqual(new Set(['succeeded']));
  } finally {
    serve.kill('SIGTERM');
  }
  expect(await ended).toEqual([0, null]);
});

function statesOf(json: string): readonly string[] {
  const { runs }: { readonly runs: readonly { readonly state: string }[] } = JSON.parse(json);
  return runs.map(({ state }) => state);
}

test('installed under an old Node, --help answers all the same and says what to install', {
  timeout: MINUTES,
}, (context) => {
  const folder = installedPackage(context);
  const [node, ...args] = oldNode();
  const script = join(folder, 'node_modules', 'penstock', 'bin', 'penstock.js');

  const help = run(folder, node, [...args, script, '--help']);
  expect(help).toMatchObject({ status: 0 });
  expect(help.stdout).toMatch(/demo[\s\S]*serve[\s\S]*queue/);
  const queue = run(folder, node, [...args, script, 'queue']);
  expect(queue).toMatchObject({ status: 1, stdout: '' });
  expect(queue.stderr).toMatch(/^Penstock needs Node\.js 24 [^\n]*npm install node@24[^\n]*\n$/);
});
