/**
 * The files that the rules of form look at, read once, with what a rule wants to know of
 * a TypeScript file: imports, functions, comments. Parsed by oxc, because the TypeScript
 * compiler has no programming interface since version 7.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ParseResult, parseSync, Visitor } from 'oxc-parser';

export interface SourceFile {
  /** From the root of the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

export interface Comment {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export interface Import {
  readonly specifier: string;
  readonly line: number;
}

export interface Syntax {
  readonly program: ParseResult['program'];
  readonly comments: readonly Comment[];
  /** Static and dynamic ones, re-exports, and types named by `import('...')`. */
  readonly imports: readonly Import[];
}

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const LEFT_OUT = new Set(['node_modules', 'dist', 'coverage', '.git', '.work']);
const TEXT_FILE = /\.(ts|js|mjs|json|md|ya?ml|sh|c|py|sql|svg|txt)$|^\.ci\/run$|^LICENSE$/;

let all: readonly SourceFile[] | null = null;

export function repositoryFiles(): readonly SourceFile[] {
  all ??= listed('')
    .filter((path) => TEXT_FILE.test(path) && path !== 'package-lock.json')
    .toSorted()
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
  return all;
}

function listed(folder: string): string[] {
  const paths: string[] = [];
  for (const entry of readdirSync(join(ROOT, folder), { withFileTypes: true })) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (LEFT_OUT.has(entry.name) || entry.name.startsWith('.penstock')) continue;
    if (entry.isDirectory()) paths.push(...listed(path));
    else if (entry.isFile()) paths.push(path);
  }
  return paths;
}

export function repositoryText(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

const parsed = new WeakMap<SourceFile, Syntax>();

export function syntaxOf(file: SourceFile): Syntax {
  const known = parsed.get(file);
  if (known !== undefined) return known;
  const result = parseSync(file.path, file.text);
  const [error] = result.errors;
  if (error !== undefined) throw new Error(`${file.path}: ${error.message}`);
  const inTypes: { start: number; end: number }[] = [];
  new Visitor({
    TSImportType: ({ source }) => void inTypes.push({ start: source.start, end: source.end }),
  }).visit(result.program);
  const spans = [
    ...inTypes,
    ...result.module.staticImports.map((found) => found.moduleRequest),
    ...result.module.dynamicImports.map((found) => found.moduleRequest),
    ...result.module.staticExports.flatMap((found) =>
      found.entries.flatMap((entry) => entry.moduleRequest ?? []),
    ),
  ];
  const syntax: Syntax = {
    program: result.program,
    comments: result.comments.map(({ value, start, end }) => ({ text: value, start, end })),
    imports: spans
      .map(({ start, end }) => ({ text: file.text.slice(start, end), line: lineAt(file, start) }))
      .filter(({ text }) => /^['"`]/.test(text))
      .map(({ text, line }) => ({ specifier: text.slice(1, -1), line })),
  };
  parsed.set(file, syntax);
  return syntax;
}

/** The text with every comment blanked out, lines and columns kept. */
export function codeOf(file: SourceFile): string {
  let code = file.text;
  for (const { start, end } of syntaxOf(file).comments) {
    code = code.slice(0, start) + code.slice(start, end).replace(/[^\n]/g, ' ') + code.slice(end);
  }
  return code;
}

export function lineAt(file: SourceFile, offset: number): number {
  let line = 1;
  for (let at = file.text.indexOf('\n'); at !== -1 && at < offset; at = file.text.indexOf('\n', at + 1))
    line += 1;
  return line;
}

/** Where a relative import of `from` leads, from the root of the repository; null for a package. */
export function resolved(from: string, specifier: string): string | null {
  if (!specifier.startsWith('.')) return null;
  return posix.normalize(posix.join(posix.dirname(from), specifier));
}
