/** Policy files that are made to hurt, and a thousand good ones: each command refuses or reads them, and a server that follows them stays quick. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWorkplace, type Workplace } from './binary.ts';

const good = (name: string): string =>
  JSON.stringify({
    apiVersion: 'penstock.dev/v1alpha1',
    kind: 'PipelineExecutionPolicy',
    metadata: { name },
    spec: {
      enabled: true,
      content: {
        pipelineSpec: { tasks: [{ name: 'a', taskSpec: { steps: [{ name: 's', script: 'true' }] } }] },
      },
      schedule: { type: 'daily', startTime: '02:30', timeZone: 'Asia/Kolkata' },
      timeWindow: { length: '1h' },
    },
  });
const level = (n: number): string =>
  `a${n}: &a${n} [${Array.from({ length: 9 }, () => (n === 0 ? 'x' : `*a${n - 1}`)).join(', ')}]`;
const HURTING = {
  'big.yaml': `${good('big')}\n# ${'x'.repeat(10_000_000)}\n`,
  'deep.yaml': `kind: PipelineExecutionPolicy\nspec: ${'['.repeat(400_000)}\n`,
  'bomb.yaml': `kind: PipelineExecutionPolicy\n${Array.from({ length: 9 }, (_, n) => level(n)).join('\n')}\n`,
  'zone.yaml': good('zone').replace('Asia/Kolkata', 'Mars/Olympus'),
};
const REASON = {
  'big.yaml': /1 MiB/,
  'deep.yaml': /nested too deeply/,
  'bomb.yaml': /aliases that expand to more than 100 nodes/,
  'zone.yaml': /spec\.schedule\.timeZone.*IANA/,
} as const;
const FILES = Object.keys(REASON) as (keyof typeof REASON)[];
const THOUSAND = Array.from({ length: 1_000 }, (_, n) => `p${n}`);

let place: Workplace;
beforeAll(async () => {
  place = await openWorkplace({
    ...HURTING,
    'penstock.yaml': 'policies: policies\nprojects: { shop: { tenant: web } }\n',
  });
  for (const name of THOUSAND) await place.write(`policies/${name}.yaml`, good(name));
});
afterAll(() => place.dispose());

test.concurrent.each(FILES)('%s is refused in a line by every command that reads it', async (file) => {
  const commands = [
    ['policy', 'validate', file],
    ['policy', 'show', file],
    ['policy', 'apply', file],
    ['assess', file, '--projects', '3', '--runners', '2'],
  ];
  for (const command of commands) {
    const { status, stdout, stderr } = await place.penstock(...command);
    expect([command, status]).toEqual([command, 1]);
    expect(stdout + stderr).toMatch(REASON[file]);
    expect(stderr.trimEnd().split('\n').length).toBe(1);
  }
});

test('a thousand policies of a folder are served, and those that hurt beside them are only told of', async () => {
  const server = await place.serve();
  const list = async () => JSON.parse((await place.penstock('policy', 'list', '--json')).stdout);
  expect((await list()).policies.map(({ name }: { name: string }) => name)).toEqual(THOUSAND.toSorted());
  for (const file of FILES) await place.write(`policies/${file}`, HURTING[file]);
  const broken = async (): Promise<readonly string[]> =>
    (await list()).brokenFiles.map(({ file }: { file: string }) => file);
  await expect.poll(broken, { timeout: 45_000 }).toEqual(['big.yaml', 'bomb.yaml', 'deep.yaml', 'zone.yaml']);
  expect((await list()).policies).toHaveLength(1_000);
  for (const path of ['/healthz', '/v1/queue', '/v1/policies/p999', '/v1/policies/p1/occurrences']) {
    expect([path, (await fetch(server.url + path)).status]).toEqual([path, 200]);
  }
  expect(await server.end('SIGTERM')).toBe(0);
});
