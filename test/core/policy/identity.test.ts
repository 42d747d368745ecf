/** Who a policy is, after each kind of change. */
import { describe, expect, test } from 'vitest';
import { type Appearance, identitiesFor, type KnownPolicy } from '../../../src/core/policy/identity.ts';

function appears(name: string, contentHash = 'c1'): Appearance {
  return { name, format: 'penstock', contentHash };
}

function known(identity: string, contentHash = 'c1', deletedAtMs: number | null = null): KnownPolicy {
  return { identity, contentHash, deletedAtMs };
}

const nothing = { known: [], lastOfName: new Map<string, string>(), vanished: [] };

describe('the identity of a policy that appears', () => {
  test('is the one its preview had, while nothing is known of it', () => {
    expect(identitiesFor([appears('audit')], nothing)).toEqual(['penstock:audit']);
  });

  test('is the old one where its name was there before, whatever it executes now', () => {
    const state = { ...nothing, known: [known('i1', 'old', 5)], lastOfName: new Map([['audit', 'i1']]) };
    expect(identitiesFor([appears('audit', 'new')], state)).toEqual(['i1']);
  });

  test('is that of one that vanished from its file with the same content: it was renamed', () => {
    const state = { ...nothing, vanished: [known('i1', 'c1', 5), known('i2', 'c2', 5)] };
    expect(identitiesFor([appears('x', 'c2'), appears('y', 'c1')], state)).toEqual(['i2', 'i1']);
  });

  test('goes to a rename before it goes to who bore the name earlier', () => {
    const state = {
      known: [known('old', 'c9', 1)],
      lastOfName: new Map([['audit', 'old']]),
      vanished: [known('renamed', 'c1', 5)],
    };
    expect(identitiesFor([appears('audit', 'c1')], state)).toEqual(['renamed']);
  });

  test('is that of the last deleted one with the same content', () => {
    const state = { ...nothing, known: [known('a', 'c1', 1), known('b', 'c1', 9), known('c', 'c2', 10)] };
    expect(identitiesFor([appears('new')], state)).toEqual(['b']);
    expect(identitiesFor([appears('new'), appears('newer')], state)).toEqual(['b', 'a']);
  });

  test('is a new one where its old one lives under another name', () => {
    const state = {
      ...nothing,
      known: [known('penstock:audit')],
      lastOfName: new Map([['audit', 'penstock:audit']]),
    };
    expect(identitiesFor([appears('audit', 'c2')], state)).toEqual(['penstock:audit#2']);
  });

  test('is never given twice', () => {
    const state = {
      known: [known('i1', 'c1', 1)],
      lastOfName: new Map([
        ['a', 'i1'],
        ['b', 'i1'],
      ]),
      vanished: [],
    };
    const given = identitiesFor([appears('a'), appears('b'), appears('c')], state);
    expect(new Set(given).size).toBe(3);
    expect(given[0]).toBe('i1');
  });
});
