/** Whatever a user gets wrong: one line that names it, status 1, nothing half created. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openWorkplace, pipelineOf, type Workplace } from './binary.ts';
import type { Finished } from './command-host.ts';

const GOOD = pipelineOf('echo hello');
const FILES = {
  'good.yaml': GOOD,
  'cycle.yaml': GOOD.replace('- name: hello\n', '- name: hello\n      runAfter: [hello]\n'),
  'no-script.yaml': GOOD.slice(0, GOOD.indexOf('            script')),
  'unsupported.yaml': pipelineOf('echo hello', '  workspaces:\n    - name: source\n'),
  'broken.yaml': 'kind: [Pipeline\n',
  'unknown-key.yaml': 'pools:\n  runs: { size: 3, colour: red }\n',
  'wrong-type.yaml': 'admission:\n  maxHeld: many\n',
  'negative.yaml': 'pools:\n  linux/arm64: { size: -1 }\n',
  'broken-config.yaml': 'pools:\n  runs: {size: 3\n',
};

let place: Workplace;
beforeAll(async () => {
  place = await openWorkplace(FILES);
});
afterAll(() => place.dispose());

function expectOneLine(end: Finished, want: readonly string[]): void {
  expect(end.stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(end.stderr).toMatch(/^penstock: /);
  for (const part of want) expect(end.stderr).toContain(part);
  expect(end.stderr).not.toContain('unexpected');
  expect(end.stdout).toBe('');
  expect(end.status).toBe(1);
}

describe('a configuration', () => {
  test.concurrent.each([
    ['unknown-key.yaml', ['pools.runs.colour']],
    ['wrong-type.yaml', ['admission.maxHeld', 'whole number']],
    ['negative.yaml', ['pools.linux/arm64.size', 'whole number from 0']],
    ['broken-config.yaml', ['broken-config.yaml:']],
    ['absent.yaml', ['absent.yaml']],
  ])('%s', async (file, want) => {
    expectOneLine(await place.process('serve', '--config', file), want);
    expect(existsSync(place.data)).toBe(false);
  });
});

describe('a pipeline', () => {
  test.concurrent.each([
    ['cycle.yaml', ['runAfter', 'hello']],
    ['no-script.yaml', ['steps[0]', 'script']],
    ['unsupported.yaml', ['workspaces']],
    ['broken.yaml', ['broken.yaml']],
    ['absent.yaml', ['absent.yaml']],
  ])('%s', async (file, want) => {
    expectOneLine(await place.penstock('run', 'create', '-f', file, '--count', '3'), want);
  });

  test.concurrent.each([
    ['good.yaml', ['good.yaml: holds no PipelineRun']],
    ['broken.yaml', ['broken.yaml: ']],
    ['absent.yaml', ['absent.yaml']],
  ])('%s, asked what its runs need', async (file, want) => {
    expectOneLine(await place.penstock('needs', '-f', file), want);
  });

  test('a request for an unknown pool names those there are, and creates nothing', async () => {
    const end = await place.penstock(
      'run',
      'create',
      '-f',
      'good.yaml',
      '--count',
      '3',
      '--request',
      'vax=1',
    );
    expectOneLine(end, ['requests.vax', 'runs']);
    const list = await place.penstock('run', 'list', '--json');
    expect(JSON.parse(list.stdout)).toEqual({ runs: [], next: null });
  });
});

describe('the surroundings', () => {
  test('a port in use', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { readonly port: number };
    const end = await place.process('serve', '--data', 'port-data', '--port', String(port));
    other.close();
    expectOneLine(end, [`port`, String(port), '--port']);
    expect(await readdir(`${place.folder}/port-data`)).not.toContain('penstock.sock');
  });

  test('a data folder that cannot be: its parent is a file', async () => {
    const end = await place.process('serve', '--data', 'good.yaml/data');
    expectOneLine(end, ['data', 'good.yaml', '--data']);
  });

  test('a question where there is no data yet', async () => {
    const end = await place.penstock('queue', '--data', 'nowhere');
    expectOneLine(end, ['nowhere', 'penstock serve']);
    expect(existsSync(`${place.folder}/nowhere`)).toBe(false);
  });

  test('an address where nobody answers', async () => {
    expectOneLine(await place.penstock('queue', '--server', 'http://127.0.0.1:1'), ['http://127.0.0.1:1']);
  });
});

describe('a command', () => {
  test.concurrent.each([
    [['qeue'], 'did you mean queue?'],
    [['queue', '--limti', '3'], 'did you mean --limit?'],
    [['run'], 'penstock run list'],
    [['run', 'create'], '--file'],
    [['run', 'create', '-f', 'good.yaml', '--timeout', '5'], 'length of time'],
  ])('%j', async (args, want) => {
    expectOneLine(await place.process(...args), [want, 'see --help']);
  });

  test('with --json the problem is the one document on stdout', async () => {
    const end = await place.penstock('explain', 'nobody', '--data', 'nowhere', '--json');
    expect(end.status).toBe(1);
    expect(JSON.parse(end.stdout)).toMatchObject({ code: 'file-not-found', status: 404, field: 'data' });
    expect(end.stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});
