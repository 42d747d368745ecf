/** Whatever the OpenAPI document allows, and much that it does not, is answered as the document says. */
import { afterEach, expect, test } from 'vitest';
import { newToken, tokenHash } from '../../src/documents/access-token.ts';
import { openWorkplace, type Workplace } from '../cli/binary.ts';
import { PATIENCE, requires } from '../support/prerequisites.ts';
import { FUZZER, fuzz } from './fuzzer.ts';

let place: Workplace | null = null;
afterEach(async () => {
  await place?.dispose();
  place = null;
});

const admin = newToken();
const owner = newToken();
const policy = {
  apiVersion: 'penstock.dev/v1alpha1',
  kind: 'PipelineExecutionPolicy',
  metadata: { name: 'audit' },
  spec: {
    enabled: true,
    content: {
      pipelineSpec: { tasks: [{ name: 'a', taskSpec: { steps: [{ name: 's', script: 'true' }] } }] },
    },
    schedule: { type: 'daily', startTime: '02:30' },
    timeWindow: { length: '1h' },
  },
};

test.for([
  ['an administrator', admin, 20],
  ['an owner of one project', owner, 10],
  ['nobody', null, 5],
] as const)('asked by %s', { timeout: 900_000 }, async ([, token, examples], context) => {
  requires(context, PATIENCE);
  requires(context, FUZZER);
  const seed = Math.floor(Math.random() * 1e9);
  console.log(`fuzz: seed ${seed}`);
  place = await openWorkplace({
    'audit.json': JSON.stringify(policy),
    'penstock.yaml': JSON.stringify({
      log: { level: 'error' },
      pools: { runs: { size: 2 } },
      access: {
        requestsPerSecond: 100_000,
        tokens: [
          { name: 'ada', role: 'admin', sha256: tokenHash(admin) },
          { name: 'otto', role: 'owner', projects: ['shop'], sha256: tokenHash(owner) },
        ],
      },
    }),
  });
  await place.penstock('policy', 'apply', 'audit.json');
  const server = await place.serve();
  const { status, report } = await fuzz({ folder: place.folder, url: server.url, token, seed, examples });
  expect(report).toMatch(/Test cases:\s+\d+ generated/);
  expect([status, status === 0 ? '' : report]).toEqual([0, '']);
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  await server.end('SIGTERM');
  expect(await server.stderr).not.toMatch(/request failed unexpectedly/);
});
