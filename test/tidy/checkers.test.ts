/**
 * The tools of `npm run check` prove that they can fail: each is given a small project with
 * one planted mistake and must find it. A checker that silently sees no files stays green
 * for ever, and with a new compiler several did.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'penstock-checks-'));
  for (const name of ['tsconfig.json', '.oxlintrc.json']) copyFileSync(join(root, name), join(folder, name));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  // Biome and knip read the folder they are in; both need a configuration of their own here.
  writeFileSync(join(folder, 'biome.json'), '{ "root": true }');
  writeFileSync(join(folder, 'knip.json'), '{ "entry": ["src/entry.ts"], "project": ["src/**/*.ts"] }');
  mkdirSync(join(folder, 'src'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Planted {
  readonly tool: string;
  readonly args: readonly string[];
  readonly mistake: string;
  readonly wantOutput: RegExp;
}

const CLEAN = 'export const answer: number = 42;\n\nprocess.stdout.write(String(answer));\n';

const MISTAKES: readonly Planted[] = [
  { tool: 'tsc', args: ['-p', '.'], mistake: "export const answer: number = 'x';\n", wantOutput: /TS2322/ },
  {
    tool: 'oxlint',
    args: ['--type-aware', '--deny-warnings'],
    mistake: 'async function save(): Promise<void> {}\n\nsave();\n',
    wantOutput: /no-floating-promises/,
  },
  { tool: 'biome', args: ['ci', 'src'], mistake: 'export const   answer=1\n', wantOutput: /format/ },
];

function run(
  tool: string,
  args: readonly string[],
): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(join(root, 'node_modules', '.bin', tool), args, {
    cwd: folder,
    encoding: 'utf8',
  });
  return { status, output: `${stdout}${stderr}` };
}

test.each(MISTAKES)(
  '$tool finds a planted mistake, and lets clean code pass',
  ({ tool, args, mistake, wantOutput }) => {
    writeFileSync(join(folder, 'src', 'entry.ts'), mistake);
    const wrong = run(tool, args);
    expect(wrong.output).toMatch(wantOutput);
    expect(wrong.status).not.toBe(0);

    writeFileSync(join(folder, 'src', 'entry.ts'), CLEAN);
    const right = run(tool, args);
    expect(right).toMatchObject({ status: 0 });
  },
);

test('knip finds a planted file that nobody imports, and is content without it', () => {
  writeFileSync(join(folder, 'src', 'entry.ts'), CLEAN);
  writeFileSync(join(folder, 'src', 'forgotten.ts'), CLEAN);
  const wrong = run('knip', ['--include', 'files']);
  expect(wrong.output).toContain('forgotten.ts');
  expect(wrong.status).not.toBe(0);

  rmSync(join(folder, 'src', 'forgotten.ts'));
  expect(run('knip', ['--include', 'files'])).toMatchObject({ status: 0 });
});
