/**
 * A rule of form: which files it looks at, what it finds wrong, and a planted violation
 * by which it proves, on every run, that it can find anything at all.
 */
import type { SourceFile } from './source-files.ts';

export interface Violation {
  readonly path: string;
  readonly line: number;
  /** What is wrong and what to do instead. */
  readonly message: string;
}

export interface Rule {
  readonly name: string;
  readonly covers: (path: string) => boolean;
  /** Gets only files it covers. */
  readonly check: (files: readonly SourceFile[]) => readonly Violation[];
  /** Each is a tiny repository that must be found wrong. */
  readonly planted: readonly (readonly SourceFile[])[];
  /** And one that must not. */
  readonly clean: readonly SourceFile[];
}

export function violationsIn(rule: Rule, files: readonly SourceFile[]): readonly Violation[] {
  return rule.check(files.filter((file) => rule.covers(file.path)));
}

export function fileOf(path: string, text: string): SourceFile {
  return { path, text };
}

export function isTypeScript(path: string): boolean {
  return path.endsWith('.ts');
}

/** A check that looks at one file at a time. */
export function eachFile(
  check: (file: SourceFile) => Iterable<Omit<Violation, 'path'>>,
): (files: readonly SourceFile[]) => readonly Violation[] {
  return (files) => files.flatMap((file) => [...check(file)].map((found) => ({ path: file.path, ...found })));
}
