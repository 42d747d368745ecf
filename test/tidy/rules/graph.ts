/**
 * The import graph: no cycles, and no source file that nothing leads to.
 */
import { fileOf, isTypeScript, type Rule, type Violation } from '../rule.ts';
import { codeOf, resolved, type SourceFile, syntaxOf } from '../source-files.ts';

function targetsOf(file: SourceFile): readonly string[] {
  return syntaxOf(file).imports.flatMap(({ specifier }) => resolved(file.path, specifier) ?? []);
}

function cycles(files: readonly SourceFile[]): readonly Violation[] {
  const targets = new Map(files.map((file) => [file.path, targetsOf(file)]));
  const done = new Set<string>();
  const found: Violation[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const seenAt = trail.indexOf(path);
    if (seenAt !== -1) {
      found.push({
        path,
        line: 1,
        message: `imports itself: ${[...trail.slice(seenAt), path].join(' -> ')}`,
      });
      return;
    }
    if (done.has(path)) return;
    for (const next of targets.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const { path } of files) visit(path, []);
  return found;
}

export const noCycles: Rule = {
  name: 'imports: no cycles',
  covers: (path) => isTypeScript(path) && !path.endsWith('.d.ts'),
  check: cycles,
  planted: [
    [
      fileOf('src/core/a.ts', `import { b } from './b.ts';`),
      fileOf('src/core/b.ts', `import { c } from './c.ts';`),
      fileOf('src/core/c.ts', `import type { A } from './a.ts';`),
    ],
  ],
  clean: [
    fileOf('src/core/a.ts', `import { b } from './b.ts';\nimport { c } from './c.ts';`),
    fileOf('src/core/b.ts', `import { c } from './c.ts';`),
    fileOf('src/core/c.ts', `export const c = 1;`),
  ],
};

/** Imports, and relative file names in strings: workers and child processes are started by such. */
function leadsTo(file: SourceFile): readonly string[] {
  const named = [...codeOf(file).matchAll(/(['"`])(\.{1,2}\/[\w./-]+\.ts)\1/g)];
  return [...targetsOf(file), ...named.flatMap(([, , name]) => resolved(file.path, name ?? '') ?? [])];
}

function orphans(files: readonly SourceFile[]): readonly Violation[] {
  const alive = new Set(files.flatMap((file) => leadsTo(file).filter((target) => target !== file.path)));
  return files
    .filter(({ path }) => path.startsWith('src/') && !alive.has(path))
    .map(({ path }) => ({ path, line: 1, message: 'nothing but tests leads here; use it or delete it' }));
}

export const noOrphans: Rule = {
  name: 'imports: every source file is used by more than tests',
  covers: (path) => /^(src|bin|sim|bench)\/.*\.(ts|js)$/.test(path),
  check: orphans,
  planted: [
    [fileOf('src/core/a.ts', `export const a = 1;`), fileOf('test/a.test.ts', `import '../src/core/a.ts';`)],
  ],
  clean: [
    fileOf('bin/penstock.js', `await import('../src/cli/main.ts');`),
    fileOf('src/cli/main.ts', `const child = new URL('./child.ts', import.meta.url);`),
    fileOf('src/cli/child.ts', `export const child = 1;`),
  ],
};
