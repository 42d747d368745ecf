/**
 * Who may come in over TCP, as `penstock.yaml` has it.
 *
 * Always true: what stands where a hash is expected is never repeated in a message, because
 * it may be a token that somebody put there by mistake.
 */
import { z } from 'zod';
import { evenIfWrong, mapping, name, oneOf, wholeNumber, yesNo } from '../documents/schema-parts.ts';

const TOKENS_MAX = 1_000;
const PROJECTS_MAX = 10_000;
const SHA256_ALLOWED =
  'is not the SHA-256 of a token: 64 digits and letters a to f, as "penstock token create" prints them';

const sha256 = z.string({ error: SHA256_ALLOWED }).regex(/^[0-9a-f]{64}$/, { error: SHA256_ALLOWED });

const PROJECTS_ALLOWED = `must be a list of at most ${PROJECTS_MAX} names of projects, or all`;
const projects = z.union([z.literal('all'), z.array(name).max(PROJECTS_MAX)], { error: PROJECTS_ALLOWED });

const token = mapping({
  name,
  sha256,
  role: oneOf(['viewer', 'owner', 'admin']),
  projects: projects.optional(),
  sees: projects.optional(),
}).check(
  evenIfWrong(({ role, projects, sees }, complain) => {
    const needsProjects = role === 'viewer' || role === 'owner';
    if (needsProjects && projects === undefined) {
      complain(
        ['projects'],
        `${PROJECTS_ALLOWED}: those that ${role === 'owner' ? 'are its own' : 'it sees'}`,
      );
    }
    if (role === 'admin' && projects !== undefined) {
      complain(['projects'], 'is of no use here: an admin has all projects; leave it out');
    }
    if (role !== 'owner' && role !== undefined && sees !== undefined) {
      complain(['sees'], 'is for owners: the projects they may look at besides their own; leave it out');
    }
  }),
);

const tokens = z
  .array(token, { error: 'must be a list of { name, sha256, role, projects }' })
  .max(TOKENS_MAX, { error: `must have at most ${TOKENS_MAX} entries` })
  .check((payload) => {
    for (const [key, what] of [
      ['name', 'must be a name no other token has'],
      ['sha256', 'is the hash of another token in this list, too; each needs one of its own'],
    ] as const) {
      const seen = new Set<string>();
      for (const [place, one] of payload.value.entries()) {
        if (seen.has(one[key])) {
          payload.issues.push({ code: 'custom', path: [place, key], message: what, input: payload.value });
        }
        seen.add(one[key]);
      }
    }
  });

export const ACCESS_SCHEMA = mapping({
  tokens: tokens.default([]),
  kubernetes: yesNo.default(false),
  requestsPerSecond: wholeNumber(1, 100_000).default(50),
}).transform(({ tokens, ...rest }) => ({
  ...rest,
  tokens: tokens.map(({ projects = 'all', sees = [], ...token }) => ({ ...token, projects, sees })),
}));
