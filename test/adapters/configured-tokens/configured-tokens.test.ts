/** Tokens whose hashes are in the configuration. */
import { expect, test } from 'vitest';
import { ConfiguredTokens } from '../../../src/adapters/configured-tokens/configured-tokens.ts';
import { isPenstockToken, newToken, tokenHash } from '../../../src/documents/access-token.ts';
import { accessConformance } from '../../conformance/access.ts';

accessConformance('configured tokens', async (people) => {
  const tokens = new Map(people.map(({ name }) => [name, newToken()]));
  const access = new ConfiguredTokens(
    people.map(({ name, role, projects }) => {
      return { name, role, projects, sees: [], sha256: tokenHash(tokens.get(name) ?? '') };
    }),
  );
  return { access, tokens, dispose: async () => {} };
});

const signal = new AbortController().signal;

test('an owner sees besides its own what it is told to, and owns none of that', async () => {
  const token = newToken();
  const sha256 = tokenHash(token);
  const entry = { name: 'otto', role: 'owner', projects: ['shop'], sees: ['blog'], sha256 } as const;
  const caller = await new ConfiguredTokens([entry]).callerOf(token);
  expect([...((await caller?.visible(['shop', 'blog', 'bank'], signal)) ?? [])]).toEqual(['shop', 'blog']);
  expect([await caller?.owns('shop', signal), await caller?.owns('blog', signal)]).toEqual([true, false]);
});

test('tokens differ, and have the form by which they are known', () => {
  const tokens = Array.from({ length: 100 }, newToken);
  expect(new Set(tokens).size).toBe(100);
  expect(tokens.every(isPenstockToken)).toBe(true);
});
