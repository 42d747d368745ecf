/**
 * What every source of access must do. Run it over each one: `accessConformance('tokens', open)`.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Access, Caller } from '../../src/ports/access.ts';

export type Role = 'viewer' | 'owner' | 'admin';

export interface Person {
  readonly name: string;
  readonly role: Role;
  /** Of a viewer those he sees, of an owner those he owns; an admin has all. */
  readonly projects: readonly string[];
}

export interface AccessUnderTest {
  readonly access: Access;
  /** The token of each person, by name. */
  readonly tokens: ReadonlyMap<string, string>;
  dispose(): Promise<void>;
}

const PEOPLE: readonly Person[] = [
  { name: 'vera', role: 'viewer', projects: ['shop', 'blog'] },
  { name: 'otto', role: 'owner', projects: ['shop'] },
  { name: 'ada', role: 'admin', projects: [] },
];
const PROJECTS = ['shop', 'blog', 'bank'];

export function accessConformance(
  name: string,
  open: (people: readonly Person[], projects: readonly string[]) => Promise<AccessUnderTest>,
): void {
  describe(`access: ${name}`, () => {
    let opened: AccessUnderTest;
    beforeEach(async () => {
      opened = await open(PEOPLE, PROJECTS);
    });
    afterEach(() => opened.dispose());

    const signal = new AbortController().signal;
    const callerOf = async (person: string): Promise<Caller> => {
      const caller = await opened.access.callerOf(opened.tokens.get(person) ?? '', signal);
      if (caller === null) throw new Error(`nobody has the token of ${person}`);
      return caller;
    };
    const seen = async (person: string): Promise<readonly string[]> => {
      const caller = await callerOf(person);
      return [...(await caller.visible([...PROJECTS, 'nowhere'], signal))].toSorted();
    };
    const owned = async (person: string): Promise<readonly string[]> => {
      const caller = await callerOf(person);
      const owns = await Promise.all(PROJECTS.map((project) => caller.owns(project, signal)));
      return PROJECTS.filter((_, place) => owns[place]);
    };

    test('a viewer sees its projects and owns none', async () => {
      expect(await seen('vera')).toEqual(['blog', 'shop']);
      expect(await owned('vera')).toEqual([]);
      expect(await callerOf('vera')).toMatchObject({ isAdmin: false, seesAll: false });
    });

    test('an owner owns and sees its projects, and no other', async () => {
      expect(await seen('otto')).toEqual(['shop']);
      expect(await owned('otto')).toEqual(['shop']);
      expect(await callerOf('otto')).toMatchObject({ isAdmin: false, seesAll: false });
    });

    test('an admin sees and owns everything there is or will be', async () => {
      expect(await callerOf('ada')).toMatchObject({ isAdmin: true, seesAll: true });
      expect(await seen('ada')).toEqual(['bank', 'blog', 'nowhere', 'shop']);
      expect(await owned('ada')).toEqual(PROJECTS);
    });

    test('the name is the one the audit log is to show', async () => {
      for (const { name: person } of PEOPLE) expect((await callerOf(person)).name).toContain(person);
    });

    test('nobody has a token that is made up, cut, longer, or of another case', async () => {
      const token = opened.tokens.get('ada') ?? '';
      const wrong = [
        '',
        ' ',
        'x',
        token.slice(0, -1),
        `${token}x`,
        token.toUpperCase(),
        `${token} `,
        '\0',
        'é',
      ];
      for (const text of wrong) expect(await opened.access.callerOf(text, signal)).toBeNull();
    });
  });
}
