/**
 * The core is a function of its arguments: no clock, no randomness, no waiting, no
 * output. The app takes time from the clock port, so that the simulator can own it.
 */
import { eachFile, fileOf, isTypeScript, type Rule, type Violation } from '../rule.ts';
import { codeOf, lineAt, type SourceFile } from '../source-files.ts';
import { functionsIn, namesUsed } from '../walk.ts';

const BANNED_IN_CORE = new Set([
  'Date',
  'Math.random',
  'Promise',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'console',
  'process',
  'performance',
  'crypto',
  'globalThis',
  'Temporal',
]);

const BANNED_IN_APP = new Map([
  ['Date.now', 'ask the clock port'],
  ['performance', 'ask the clock port'],
  ['Math.random', 'use randomStream with a seed'],
  ['crypto', 'let the caller give the id'],
  ['setTimeout', 'ask the clock port'],
  ['setInterval', 'ask the clock port'],
  ['setImmediate', 'ask the clock port'],
]);

/** Time zones are a function of the instant and the zone's rules; only `Temporal.Now` is a clock. */
const MAY_USE_TEMPORAL = 'src/core/schedule/time-zone.ts';

function* impurities(file: SourceFile): Iterable<Omit<Violation, 'path'>> {
  for (const { name, line } of namesUsed(file)) {
    if (name === 'Temporal' && file.path === MAY_USE_TEMPORAL) continue;
    if (BANNED_IN_CORE.has(name) || name === 'Temporal.Now')
      yield { line, message: `${name} has no place in the core; make it an argument` };
  }
  for (const { isAsync, line } of functionsIn(file)) {
    if (isAsync) yield { line, message: 'the core is synchronous; waiting belongs into the app' };
  }
}

function* clocks(file: SourceFile): Iterable<Omit<Violation, 'path'>> {
  for (const { name, line } of namesUsed(file)) {
    const remedy = BANNED_IN_APP.get(name);
    if (remedy !== undefined) yield { line, message: `${name} has no place in the app; ${remedy}` };
  }
  for (const found of codeOf(file).matchAll(/\bnew Date\(\s*\)/g)) {
    yield { line: lineAt(file, found.index), message: 'new Date() reads a clock; ask the clock port' };
  }
}

export const pureCore: Rule = {
  name: 'pure core: no clock, randomness, waiting or output in src/core',
  covers: (path) => isTypeScript(path) && path.startsWith('src/core/'),
  check: eachFile(impurities),
  planted: [
    [fileOf('src/core/a.ts', `export const now = () => Date.now();`)],
    [fileOf('src/core/a.ts', `export const day = (ms: number) => new Date(ms);`)],
    [fileOf('src/core/a.ts', `const { random } = Math;\nexport const x = Math.random();`)],
    [fileOf('src/core/a.ts', `export async function wait() {}`)],
    [fileOf('src/core/a.ts', `export function wait(): Promise<void> { return later; }`)],
    [fileOf('src/core/a.ts', `setTimeout(go, 1);`)],
    [fileOf('src/core/a.ts', `console.log(1);`)],
    [fileOf('src/core/a.ts', `export const now = () => Temporal.PlainDate.from('2026-01-01');`)],
    [fileOf(MAY_USE_TEMPORAL, `export const now = () => Temporal.Now.instant();`)],
    [fileOf(MAY_USE_TEMPORAL, `export const day = (ms: number) => new Date(ms);`)],
    [fileOf('src/core/a.ts', `export const argv = process.argv;`)],
  ],
  clean: [
    fileOf(
      'src/core/a.ts',
      `/** Date.now() is not called. */\nexport const a = { process: 1 };\nexport const b = a.process;`,
    ),
    fileOf(MAY_USE_TEMPORAL, `export const at = (ms: number) => Temporal.Instant.fromEpochMilliseconds(ms);`),
  ],
};

export const clockPort: Rule = {
  name: 'clock port: the app reads no clock and sets no timer of its own',
  covers: (path) => isTypeScript(path) && path.startsWith('src/app/'),
  check: eachFile(clocks),
  planted: [
    [fileOf('src/app/a.ts', `export const now = () => Date.now();`)],
    [fileOf('src/app/a.ts', `export const now = () => new Date();`)],
    [fileOf('src/app/a.ts', `export const id = () => Math.random();`)],
    [fileOf('src/app/a.ts', `setTimeout(() => {}, 5);`)],
  ],
  clean: [
    fileOf('src/app/a.ts', `export const text = (clock: Clock) => new Date(clock.nowMs()).toISOString();`),
  ],
};
