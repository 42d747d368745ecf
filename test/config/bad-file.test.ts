/**
 * Files that are no YAML, or no files: each refused in one line, none of them read for ever.
 */
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configRig } from './config-rig.ts';

const rig = configRig();

const BAD_YAML: readonly (readonly [what: string, text: string | Buffer, message: RegExp])[] = [
  ['an open bracket', 'pools: [1, 2\n', /^penstock\.yaml:\d+:\d+: /],
  ['a tab for indentation', 'pools:\n\truns: 1\n', /^penstock\.yaml:2:\d+: /],
  [
    'a key given twice',
    'mode: shadow\nmode: enforce\n',
    /^penstock\.yaml:2:1: the key "mode" is there twice in one mapping\.$/,
  ],
  [
    'two documents',
    'mode: shadow\n---\nmode: shadow\n',
    /^penstock\.yaml:3:1: a configuration is one document/,
  ],
  ['a tag of a language', 'mode: !!js/function "x"\n', /^penstock\.yaml:1:\d+: Unresolved tag/],
  [
    'a key that is dangerous to keep',
    'pools:\n  __proto__: { size: 1 }\n',
    /^penstock\.yaml:2:3: __proto__ cannot be a key\.$/,
  ],
  ['an alias to nothing', 'data: *nothing\n', /^penstock\.yaml(:\d+:\d+)?: Unresolved alias/],
  ['an alias bomb', aliasBomb(), /^penstock\.yaml: has aliases that expand to more than 100 nodes\.$/],
  ['very deep nesting', `pools: ${'['.repeat(200_000)}`, /^penstock\.yaml(:\d+:\d+)?: /],
  [
    'bytes that are no text',
    Buffer.from([0x6d, 0xff, 0xfe, 0x00]),
    /^penstock\.yaml: is not UTF-8 text; save it as UTF-8\.$/,
  ],
];

function aliasBomb(): string {
  const levels = ['a: &a [x, x, x, x, x, x, x, x, x]'];
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'];
  for (const [place, name] of names.slice(1).entries()) {
    levels.push(`${name}: &${name} [${Array(9).fill(`*${names[place]}`).join(', ')}]`);
  }
  return levels.join('\n');
}

test.each(BAD_YAML)('YAML: %s', async (_, text, message) => {
  await rig.write(text);
  const error = await rig.refusal();
  expect(error.code).toBe('yaml-invalid');
  expect(error.message).toMatch(message);
  expect(error.message.split('\n')).toHaveLength(1);
});

test('a named file that is not there, a folder, and one over 1 MiB are refused', async () => {
  expect(await rig.refusal({ file: 'nowhere.yaml' })).toMatchObject({
    code: 'file-not-found',
    message: 'nowhere.yaml: there is no such file; check --config.',
  });
  expect(await rig.refusal({ env: { PENSTOCK_CONFIG: 'nowhere.yaml' } })).toMatchObject({
    code: 'file-not-found',
  });
  await mkdir(join(rig.folder, 'folder'));
  expect(await rig.refusal({ file: 'folder' })).toMatchObject({ code: 'file-unreadable' });
  await rig.write(`# ${'x'.repeat(1_048_576)}\n`);
  expect(await rig.refusal()).toMatchObject({
    code: 'file-unreadable',
    message: 'penstock.yaml: has 1048579 bytes; 1048576 (1 MiB) are allowed.',
  });
});

test('a file that has no end is not read', async () => {
  await symlink('/dev/zero', join(rig.folder, 'penstock.yaml'));
  expect(await rig.refusal()).toMatchObject({ code: 'file-unreadable' });
});
