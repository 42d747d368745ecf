/**
 * Names that say what a thing is: files in kebab-case by the words of the field, tests
 * that can be told apart.
 */
import { Visitor } from 'oxc-parser';
import { eachFile, fileOf, type Rule, type Violation } from '../rule.ts';
import { lineAt, type SourceFile, syntaxOf } from '../source-files.ts';

const EMPTY_WORDS = /^(utils?|helpers?|managers?|misc|common|stuff)$/;
const KEBAB = /^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/;

function* badName(file: SourceFile): Iterable<Omit<Violation, 'path'>> {
  for (const part of file.path.split('/')) {
    if (!KEBAB.test(part) && part !== 'README.md') yield { line: 1, message: `"${part}" is not kebab-case` };
    const empty = part.split(/[-.]/).find((word) => EMPTY_WORDS.test(word));
    if (empty !== undefined)
      yield { line: 1, message: `"${empty}" says nothing; name it after what is in it` };
  }
}

export const fileNames: Rule = {
  name: 'names: files in kebab-case, by words that say something',
  covers: (path) => /^(src|test|sim|bench|scripts|bin|web)\//.test(path),
  check: eachFile(badName),
  planted: [
    [fileOf('src/core/startOrder.ts', '')],
    [fileOf('src/core/start_order.ts', '')],
    [fileOf('src/utils/order.ts', '')],
    [fileOf('src/app/queue-manager.ts', '')],
  ],
  clean: [fileOf('src/core/start-order.ts', ''), fileOf('test/core/start-order.test.ts', '')],
};

interface NamedTest {
  readonly name: string;
  readonly line: number;
}

/** Full names of tests, `describe` titles included. Titles that are computed are left out. */
function testsIn(file: SourceFile): readonly NamedTest[] {
  const chapters: { readonly title: string; readonly end: number }[] = [];
  const tests: NamedTest[] = [];
  new Visitor({
    CallExpression: (node) => {
      const called = file.text.slice(node.callee.start, node.callee.end);
      const kind = /^(describe|test|it)\b/.exec(called)?.[1];
      const [first] = node.arguments;
      if (kind === undefined || first?.type !== 'Literal') return;
      while (chapters.length > 0 && (chapters.at(-1)?.end ?? 0) < node.start) chapters.pop();
      const title = String(first.value);
      if (kind === 'describe') chapters.push({ title, end: node.end });
      else {
        const name = [...chapters.map((chapter) => chapter.title), title].join(' > ');
        tests.push({ name, line: lineAt(file, node.start) });
      }
    },
  }).visit(syntaxOf(file).program);
  return tests;
}

function* duplicates(file: SourceFile): Iterable<Omit<Violation, 'path'>> {
  const seen = new Set<string>();
  for (const { name, line } of testsIn(file)) {
    if (seen.has(name)) yield { line, message: `a second test named "${name}"` };
    seen.add(name);
  }
}

export const testNames: Rule = {
  name: 'names: no two tests of a file have the same name',
  covers: (path) => path.startsWith('test/') && path.endsWith('.ts'),
  check: eachFile(duplicates),
  planted: [
    [fileOf('test/a.test.ts', `test('starts', () => {});\ntest('starts', () => {});`)],
    [fileOf('test/a.test.ts', `describe('x', () => { test('a', () => {}); it.each([1])('a', () => {}); });`)],
  ],
  clean: [
    fileOf(
      'test/a.test.ts',
      `describe('x', () => { test('a', () => {}); });\ndescribe('y', () => { test('a', () => {}); });\ntest('a', () => {});`,
    ),
  ],
};
