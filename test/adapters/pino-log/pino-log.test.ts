import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { pinoLog } from '../../../src/adapters/pino-log/pino-log.ts';
import type { Log, LogLevel } from '../../../src/ports/log.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'penstock-log-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function linesAt(
  level: LogLevel,
  write: (log: Log) => void,
): Promise<readonly Record<string, unknown>[]> {
  const path = join(folder, `${level}.log`);
  const descriptor = openSync(path, 'w');
  try {
    write(pinoLog(level, descriptor));
    // Nothing is waited for: a line is there when the call is done.
    const text = await readFile(path, 'utf8');
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  } finally {
    closeSync(descriptor);
  }
}

function oneOfEach(log: Log): void {
  log.debug({ n: 1 }, 'detail');
  log.info({ n: 2 }, 'news');
  log.warn({ n: 3 }, 'worry');
  log.error({ err: new Error('disk full') }, 'trouble');
}

test('a line is one JSON object with level, time, fields and the constant message', async () => {
  const [line] = await linesAt('debug', oneOfEach);
  expect(line).toMatchObject({ level: 20, n: 1, msg: 'detail' });
  expect(line?.time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
});

test('an error among the fields keeps its message', async () => {
  const lines = await linesAt('error', oneOfEach);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({ msg: 'trouble', err: { message: 'disk full' } });
});

test.each([
  ['debug', 4],
  ['info', 3],
  ['warn', 2],
  ['error', 1],
  ['silent', 0],
] as const)('at level %s, %i of four lines are written', async (level, wantLines) => {
  expect(await linesAt(level, oneOfEach)).toHaveLength(wantLines);
});
