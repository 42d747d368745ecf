/**
 * The environment is read in one place and every variable of ours is written down.
 */
import { eachFile, fileOf, isTypeScript, type Rule, type Violation } from '../rule.ts';
import { lineAt, type SourceFile } from '../source-files.ts';
import { namesUsed } from '../walk.ts';

const MAY_READ_ENVIRONMENT = /^src\/(config\/|cli\/main\.ts$)/;

function* environmentReads(file: SourceFile): Iterable<Omit<Violation, 'path'>> {
  for (const { name, line } of namesUsed(file)) {
    if (name !== 'process.env' && name !== 'env') continue;
    if (name === 'env' && !/import\s*\{[^}]*\benv\b[^}]*\}\s*from 'node:process'/.test(file.text)) continue;
    yield {
      line,
      message: 'process.env is read in src/config and src/cli/main.ts only; pass what is needed',
    };
  }
}

export const environmentInOnePlace: Rule = {
  name: 'environment: read in src/config and the entry of the command line only',
  covers: (path) => isTypeScript(path) && path.startsWith('src/') && !MAY_READ_ENVIRONMENT.test(path),
  check: eachFile(environmentReads),
  planted: [
    [fileOf('src/adapters/local/a.ts', `export const home = process.env.HOME;`)],
    [fileOf('src/adapters/local/a.ts', `export const all = { ...process.env };`)],
    [fileOf('src/adapters/local/a.ts', `import { env } from 'node:process';\nexport const home = env.HOME;`)],
  ],
  clean: [
    fileOf('src/config/load.ts', `export const home = process.env.HOME;`),
    fileOf('src/adapters/local/a.ts', `export const home = (env: Record<string, string>) => env.HOME;`),
  ],
};

const OUR_VARIABLE = /\bPENSTOCK_[A-Z][A-Z0-9_]*[A-Z0-9]\b/g;

function undocumented(files: readonly SourceFile[]): readonly Violation[] {
  const documented = new Set(
    files.filter(({ path }) => path.endsWith('.md')).flatMap(({ text }) => text.match(OUR_VARIABLE) ?? []),
  );
  return files
    .filter(({ path }) => !path.endsWith('.md'))
    .flatMap((file) =>
      [...file.text.matchAll(OUR_VARIABLE)]
        .filter(([name]) => !documented.has(name))
        .map((found) => ({
          path: file.path,
          line: lineAt(file, found.index),
          message: `${found[0]} is in no document; describe it in one`,
        })),
    );
}

export const variablesDocumented: Rule = {
  name: 'environment: every PENSTOCK_ variable is documented',
  covers: (path) => path.endsWith('.md') || /^(src|sim|bench|scripts|bin|\.ci|test\/support)\//.test(path),
  check: undocumented,
  planted: [
    [fileOf('src/config/a.ts', `export const name = 'PENSTOCK_PORT';`), fileOf('README.md', 'PENSTOCK_*')],
  ],
  clean: [
    fileOf('src/config/a.ts', `export const name = 'PENSTOCK_PORT';\nexport const prefix = 'PENSTOCK_';`),
    fileOf('README.md', 'Set `PENSTOCK_PORT`.'),
  ],
};
