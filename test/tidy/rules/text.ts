/**
 * What must not stand in a file: ways around the type checker, tests left alone, unfinished
 * work, places on somebody's machine. And what must: a header that says why a file exists.
 */
import { eachFile, fileOf, type Rule, type Violation } from '../rule.ts';
import { lineAt, type SourceFile, syntaxOf } from '../source-files.ts';

interface Ban {
  readonly pattern: RegExp;
  readonly message: string;
}

const BANNED_CODE: readonly Ban[] = [
  { pattern: /\b(test|it|describe|bench)(\.\w+)*\.only\b/g, message: 'a test left alone hides all others' },
  { pattern: /\bas any\b|:\s*any\b|<any>/g, message: 'say the type, or `unknown` and check' },
  { pattern: /@ts-(ignore|nocheck|expect-error)/g, message: 'mend the type instead' },
  { pattern: /\bas unknown as\b/g, message: 'a cast through unknown hides a wrong type' },
];

const BANNED_TEXT: readonly Ban[] = [
  { pattern: /\b(TODO|FIXME|XXX|HACK)\b/g, message: 'finish it, or open an issue and say nothing here' },
  {
    pattern: /(?<![\w.$}-])\/(home|root|Users|tmp|work)\/[\w.-]+/g,
    message: 'a place on one machine; take os.tmpdir() or a relative path',
  },
  { pattern: /https?:\/\/registry\.[\w.-]+/g, message: 'name no package registry' },
];

function* found(file: SourceFile, bans: readonly Ban[]): Iterable<Omit<Violation, 'path'>> {
  for (const { pattern, message } of bans) {
    for (const match of file.text.matchAll(pattern)) {
      yield { line: lineAt(file, match.index), message: `"${match[0]}": ${message}` };
    }
  }
}

// The rules of form quote what they forbid.
const isOwn = (path: string): boolean => path.startsWith('test/tidy/');

export const bannedCode: Rule = {
  name: 'text: no way around the type checker, no test left alone',
  covers: (path) => /\.(ts|js)$/.test(path) && !isOwn(path),
  check: eachFile((file) => found(file, BANNED_CODE)),
  planted: [
    [fileOf('test/a.test.ts', `test.only('a', () => {});`)],
    [fileOf('src/a.ts', `export const a = b as any;`)],
    [fileOf('src/a.ts', `export function f(a: any) {}`)],
    [fileOf('src/a.ts', `// @ts-ignore\nexport const a = 1;`)],
    [fileOf('src/a.ts', `export const a = b as unknown as string;`)],
  ],
  clean: [fileOf('src/a.ts', `export const only = company.many as unknown;`)],
};

export const bannedText: Rule = {
  name: 'text: nothing unfinished, nothing of one machine',
  covers: (path) => !isOwn(path) && path !== 'LICENSE',
  check: eachFile((file) => found(file, BANNED_TEXT)),
  planted: [
    [fileOf('src/a.ts', `// TODO later`)],
    [fileOf('docs/a.md', `Look into /home/me/penstock.`)],
    [fileOf('src/a.ts', `export const a = '/tmp/penstock';`)],
    [fileOf('docs/a.md', `Get it from https://registry.example.org/penstock.`)],
  ],
  clean: [fileOf('docs/a.md', 'See `src/home/a` and `$HOME/tmp/x`, or /v1/runs.')],
};

const HEADER_LENGTH_MIN = 40;

function* missingHeader(file: SourceFile): Iterable<Omit<Violation, 'path'>> {
  const { comments, program } = syntaxOf(file);
  const codeStart = program.body[0]?.start ?? file.text.length;
  const header = comments.filter(({ start }) => start < codeStart).map(({ text }) => text);
  const { length } = header.join(' ').replaceAll(/[\s*]+/g, ' ');
  if (length < HEADER_LENGTH_MIN)
    yield { line: 1, message: 'begin with a comment that says why this file exists' };
}

export const moduleHeaders: Rule = {
  name: 'text: each module begins by saying why it exists',
  covers: (path) => /^(src|sim|bench|scripts|bin)\/.*\.(ts|js)$/.test(path),
  check: eachFile(missingHeader),
  planted: [
    [fileOf('src/a.ts', `export const a = 1;\n/** This comment comes too late to be the header of it. */`)],
    [fileOf('src/a.ts', `// a\nexport const a = 1;`)],
  ],
  clean: [fileOf('src/a.ts', `/** Says at some length why this very file exists. */\nexport const a = 1;`)],
};
