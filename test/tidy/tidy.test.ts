/**
 * The rules of form, as tests. Each rule first proves on a planted violation that it can
 * fail, and looks at no fewer than one file: a checker that sees nothing is not green.
 */
import { afterAll, describe, expect, test } from 'vitest';
import { type Rule, violationsIn } from './rule.ts';
import { clockPort, pureCore } from './rules/determinism.ts';
import { environmentInOnePlace, variablesDocumented } from './rules/environment.ts';
import { noCycles, noOrphans } from './rules/graph.ts';
import { layers } from './rules/layers.ts';
import { links } from './rules/links.ts';
import { fileNames, testNames } from './rules/names.ts';
import { fileSizes, functionSizes, lineCount } from './rules/sizes.ts';
import { bannedCode, bannedText, moduleHeaders } from './rules/text.ts';
import { repositoryFiles } from './source-files.ts';

const RULES: readonly Rule[] = [
  layers,
  pureCore,
  clockPort,
  environmentInOnePlace,
  variablesDocumented,
  fileSizes,
  functionSizes,
  noCycles,
  noOrphans,
  fileNames,
  testNames,
  bannedCode,
  bannedText,
  moduleHeaders,
  links,
];

const seen: string[] = [];

afterAll(() => {
  const sizes = repositoryFiles()
    .filter(({ path }) => path.startsWith('src/'))
    .map(lineCount)
    .toSorted((a, b) => a - b);
  const median = sizes[Math.floor(sizes.length / 2)];
  seen.push(`${sizes.length} files in src/, median ${median} lines, longest ${sizes.at(-1)}`);
  process.stdout.write(`${seen.map((line) => `tidy: ${line}`).join('\n')}\n`);
});

describe.each(RULES)('$name', (rule) => {
  test.each(rule.planted.map((files, index) => ({ index, files })))(
    'finds planted violation $index',
    ({ files }) => {
      expect(violationsIn(rule, files)).not.toEqual([]);
    },
  );

  test('leaves clean files alone', () => {
    expect(violationsIn(rule, rule.clean)).toEqual([]);
  });

  test('finds nothing in the repository, and looks at it', () => {
    const files = repositoryFiles();
    const covered = files.filter(({ path }) => rule.covers(path)).length;
    seen.push(`${rule.name}: ${covered} files`);
    expect(covered).toBeGreaterThan(0);
    const found = violationsIn(rule, files).map(({ path, line, message }) => `${path}:${line}: ${message}`);
    expect(found).toEqual([]);
  });
});
