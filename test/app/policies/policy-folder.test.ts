/** A folder of policy files, followed into a registry: real files, the real reader, a store in memory. */
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { silentLog } from '../../../sim/process.ts';
import { openPolicyFolder } from '../../../src/adapters/policy-folder/policy-folder.ts';
import { systemClock } from '../../../src/adapters/system-clock/system-clock.ts';
import { FolderFollower } from '../../../src/app/policies/folder-follower.ts';
import { PolicyRegistry } from '../../../src/app/policies/registry.ts';
import { readRunFile } from '../../../src/compose.ts';
import { PIPELINE } from '../../api/place.ts';
import { MemoryStore } from '../../fakes/memory-store.ts';

let folder: string;
let store: MemoryStore;
let registry: PolicyRegistry;
let follower: FolderFollower;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'penstock-policies-'));
  store = new MemoryStore();
  const clock = systemClock();
  registry = new PolicyRegistry({ store: store.policies, clock });
  const files = openPolicyFolder({ folder, nowMs: () => clock.nowMs(), checkPipeline: readRunFile });
  follower = new FolderFollower({ folder: files, path: folder, registry, clock, log: silentLog });
});
afterEach(async () => {
  await follower.stop();
  await rm(folder, { recursive: true, force: true });
});

function policy(name: string, script = 'echo hello', enabled = true): string {
  return `apiVersion: penstock.dev/v1alpha1
kind: PipelineExecutionPolicy
metadata: { name: ${name} }
spec:
  enabled: ${enabled}
  content: { pipelineSpec: { tasks: [{ name: a, taskSpec: { steps: [{ name: s, script: "${script}" }] } }] } }
  schedule: { type: daily, startTime: "02:30" }
  timeWindow: { length: 1h }
`;
}

async function write(file: string, ...documents: readonly string[]): Promise<void> {
  await writeFile(join(folder, file), documents.join('---\n'));
  await follower.looked();
}

async function names(): Promise<readonly string[]> {
  const { outlines } = await registry.state();
  return outlines.filter(({ deletedAtMs }) => deletedAtMs === null).map(({ name }) => name);
}

async function identity(name: string): Promise<string | undefined> {
  return (await registry.find(name))?.identity;
}

describe('a policy in a file', () => {
  test('is registered, follows its file, and is gone with it', async () => {
    await write('a.yaml', policy('audit'));
    const first = await registry.find('audit');
    expect(first).toMatchObject({ source: { kind: 'file', file: 'a.yaml', place: 0 }, isActive: true });
    await write('a.yaml', policy('audit', 'echo hello', false));
    expect(await registry.find('audit')).toMatchObject({ identity: first?.identity, isActive: false });
    await rm(join(folder, 'a.yaml'));
    await follower.looked();
    expect(await names()).toEqual([]);
    const { entries } = await store.audit({ limit: 10, before: null });
    expect(entries.map(({ by, what, detail }) => [by, what, detail])).toEqual([
      ['file a.yaml', 'delete-policy', null],
      ['file a.yaml', 'apply-policy', 'updated'],
      ['file a.yaml', 'apply-policy', 'created'],
    ]);
  });

  test('read again without a change is no change', async () => {
    await write('a.yaml', policy('audit'), policy('scan', 'true'));
    const { version } = await registry.state();
    await follower.looked();
    expect((await registry.state()).version).toBe(version);
  });

  test('keeps its identity when it is renamed, moved to another file, or deleted and written again', async () => {
    await write('a.yaml', policy('audit'), policy('scan', 'true'));
    const [audit, scan] = [await identity('audit'), await identity('scan')];
    await write('a.yaml', policy('night-audit'), policy('scan', 'true'));
    expect([await identity('night-audit'), await identity('scan')]).toEqual([audit, scan]);
    await rename(join(folder, 'a.yaml'), join(folder, 'b.yaml'));
    await follower.looked();
    expect([await identity('night-audit'), await identity('scan')]).toEqual([audit, scan]);
    await rm(join(folder, 'b.yaml'));
    await follower.looked();
    await write('c.yaml', policy('night-audit', 'other'));
    expect(await identity('night-audit')).toBe(audit);
    await write('d.yaml', policy('something', 'true'));
    expect(await identity('something')).toBe(scan);
  });

  test('may have its Pipeline in a file beside it, and follows that one too', async () => {
    await mkdir(join(folder, 'team'));
    await writeFile(join(folder, 'team', 'pipeline.yaml'), PIPELINE);
    const text = policy('audit').replace(/content: .*/, 'content: { pipelineFile: pipeline.yaml }');
    await write('team/a.yaml', text);
    const before = await registry.find('audit');
    expect([before?.runContent, before?.isContentKnown]).toEqual([PIPELINE, true]);
    expect(follower.brokenFiles()).toEqual([]);
    await write('team/pipeline.yaml', PIPELINE.replace('echo hello', 'echo bye'));
    const after = await registry.find('audit');
    expect(after?.contentHash).not.toBe(before?.contentHash);
    expect(after?.version).toBeGreaterThan(before?.version ?? 0);
  });
});

describe('a broken file', () => {
  test.each([
    ['no YAML', 'apiVersion: penstock.dev/v1alpha1\n  kind: [', /a\.yaml:2/],
    ['a wrong field', policy('audit').replace('enabled: true', 'enabled: maybe'), /spec\.enabled/],
    ['an empty one', '', /holds no policy any more/],
    ['one of 10 MB', `# PipelineExecutionPolicy\n${'# x\n'.repeat(2_600_000)}`, /1 MiB/],
    [
      'a Pipeline that is not there',
      policy('audit').replace(/content: .*/, 'content: { pipelineFile: no.yaml }'),
      /no such file/,
    ],
  ])('keeps its last good version and says so: %s', async (_, text, problem) => {
    await write('a.yaml', policy('audit'), policy('scan', 'true'));
    const { version } = await registry.state();
    await write('a.yaml', text);
    expect(await names()).toEqual(['audit', 'scan']);
    expect((await registry.state()).version).toBe(version);
    const [broken] = follower.brokenFiles();
    expect([broken?.file, broken?.keptPolicies]).toEqual(['a.yaml', 2]);
    expect(broken?.problems.join('\n')).toMatch(problem);
    await write('a.yaml', policy('audit'));
    expect([await names(), follower.brokenFiles()]).toEqual([['audit'], []]);
  });

  test('breaks no other file', async () => {
    await write('a.yaml', 'kind: PipelineExecutionPolicy\nspec: 7');
    await write('b.yaml', policy('audit'));
    expect(await names()).toEqual(['audit']);
    expect(follower.brokenFiles().map(({ file, keptPolicies }) => [file, keptPolicies])).toEqual([
      ['a.yaml', 0],
    ]);
  });

  test('is a whole folder that is not there: nothing changes', async () => {
    await write('a.yaml', policy('audit'));
    await rename(folder, `${folder}-away`);
    await follower.looked();
    expect(await names()).toEqual(['audit']);
    expect(follower.brokenFiles()[0]?.problems[0]).toContain('cannot be read');
    await rename(`${folder}-away`, folder);
    await follower.looked();
    expect([await names(), follower.brokenFiles()]).toEqual([['audit'], []]);
  });
});

describe('two of one name', () => {
  test('in two files: the first has it', async () => {
    await write('a.yaml', policy('audit'));
    await write('b.yaml', policy('audit', 'other'), policy('scan', 'true'));
    expect(await names()).toEqual(['audit', 'scan']);
    expect((await registry.find('audit'))?.source).toEqual({ kind: 'file', file: 'a.yaml', place: 0 });
    expect(follower.brokenFiles()[0]?.problems[0]).toContain('from a.yaml');
  });

  test('one from the API: it stays there, and a file has no say over it', async () => {
    await write('a.yaml', policy('scan'));
    const read = await registry.find('scan');
    if (read === null) throw new Error('it was written');
    const order = { by: 'ann', condition: { kind: 'none' } } as const;
    await registry.apply({ ...read, policy: { ...read.policy, name: 'audit' } }, order);
    await write('b.yaml', policy('audit', 'other'));
    expect((await registry.find('audit'))?.source).toEqual({ kind: 'api' });
    expect(follower.brokenFiles()[0]?.problems[0]).toContain('from the API');
    await expect(registry.apply(read, order)).rejects.toMatchObject({ code: 'policy-in-file' });
    await expect(registry.remove('scan', order)).rejects.toMatchObject({ code: 'policy-in-file' });
  });
});

test('a thousand policies are read, and what lies beside them is left alone', async () => {
  await writeFile(join(folder, 'pipeline.yaml'), PIPELINE);
  await writeFile(join(folder, 'notes.txt'), 'PipelineExecutionPolicy');
  await writeFile(join(folder, '.hidden.yaml'), policy('hidden'));
  for (let file = 0; file < 10; file += 1) {
    const documents = Array.from({ length: 100 }, (_, at) => policy(`p-${file}-${at}`, `echo ${file} ${at}`));
    await writeFile(join(folder, `f${file}.yaml`), documents.join('---\n'));
  }
  await follower.looked();
  expect([(await names()).length, follower.brokenFiles()]).toEqual([1_000, []]);
  expect(new Set((await registry.state()).outlines.map((one) => one.identity)).size).toBe(1_000);
});
