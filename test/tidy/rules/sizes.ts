/**
 * Sizes that fit a head: files, functions, parameters. The median is printed, not enforced.
 */
import { eachFile, fileOf, type Rule, type Violation } from '../rule.ts';
import type { SourceFile } from '../source-files.ts';
import { functionsIn } from '../walk.ts';

const FILE_LINES_MAX = 400;
const FUNCTION_LINES_MAX = 70;
const PARAMETERS_MAX = 4;

export function lineCount(file: SourceFile): number {
  return file.text.split('\n').length - (file.text.endsWith('\n') ? 1 : 0);
}

function* longFile(file: SourceFile): Iterable<Omit<Violation, 'path'>> {
  const lines = lineCount(file);
  if (lines > FILE_LINES_MAX)
    yield { line: 1, message: `${lines} lines; split it, ${FILE_LINES_MAX} is the most` };
}

function* bigFunctions(file: SourceFile): Iterable<Omit<Violation, 'path'>> {
  for (const { line, lines, parameters, isChapter } of functionsIn(file)) {
    if (lines > FUNCTION_LINES_MAX && !isChapter) {
      yield { line, message: `a function of ${lines} lines; ${FUNCTION_LINES_MAX} is the most` };
    }
    if (parameters > PARAMETERS_MAX) {
      yield { line, message: `${parameters} parameters; beyond ${PARAMETERS_MAX} take one options object` };
    }
  }
}

const longBody = `export function long() {\n${'  step();\n'.repeat(FUNCTION_LINES_MAX)}}\n`;

export const fileSizes: Rule = {
  name: `sizes: files of at most ${FILE_LINES_MAX} lines`,
  covers: (path) => /\.(ts|js|c|py|sh)$/.test(path),
  check: eachFile(longFile),
  planted: [[fileOf('src/a.ts', 'x();\n'.repeat(FILE_LINES_MAX + 1))]],
  clean: [fileOf('src/a.ts', 'x();\n'.repeat(FILE_LINES_MAX))],
};

export const functionSizes: Rule = {
  name: `sizes: functions of at most ${FUNCTION_LINES_MAX} lines and ${PARAMETERS_MAX} parameters`,
  covers: (path) => /\.(ts|js)$/.test(path),
  check: eachFile(bigFunctions),
  planted: [
    [fileOf('src/a.ts', longBody)],
    [fileOf('src/a.ts', `export const five = (a, b, c, d, e) => a;`)],
    [fileOf('src/a.ts', `export class A { constructor(a: 1, b: 2, c: 3, d: 4, e: 5) {} }`)],
  ],
  clean: [
    fileOf('src/a.ts', `export function four(this: Window, a: 1, b: 2, c: 3, d: 4) {}`),
    fileOf(
      'test/a.test.ts',
      `describe('chapter', () => {\n${'test(name, steps);\n'.repeat(FUNCTION_LINES_MAX)}});`,
    ),
  ],
};
