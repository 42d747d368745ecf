/**
 * From what stands in the files of a folder to the change it means for the registry.
 *
 * Always true: a broken file keeps its policies as they were; a name belongs to who has it; a
 * policy that vanishes from a file is deleted, unless in the same change one with the same
 * content appears there: then it was renamed.
 */
import { identitiesFor, type KnownPolicy } from '../../core/policy/identity.ts';
import type { FolderFile } from '../../ports/policy-folder.ts';
import type {
  PolicyOrderEntry,
  PolicyOutline,
  PolicyRecord,
  PolicyState,
  ReadPolicyRecord,
} from '../../ports/policy-store.ts';
import type { PolicyFileView } from './registered-policy.ts';
import { entryOf, isSame, type Plan, POLICIES_MAX, recordOf } from './registry.ts';

interface Wanted {
  readonly file: string;
  readonly place: number;
  readonly read: ReadPolicyRecord;
}

export function planFolder(
  state: PolicyState,
  files: readonly FolderFile[],
  nowMs: number,
): Plan<readonly PolicyFileView[]> {
  const living = state.outlines.filter(({ deletedAtMs }) => deletedAtMs === null);
  const broken = new Map(files.filter(({ problems }) => problems.length > 0).map((one) => [one.file, one]));
  const kept = living.filter(({ source }) => source.kind === 'api' || broken.has(source.file));
  const { wanted, refused } = chosen(files, kept);
  const names = new Set(wanted.map(({ read }) => read.policy.name));
  const vanished = living.filter((one) => !kept.includes(one) && !names.has(one.name));
  const saved = recordsOf(wanted, { state, living, vanished, nowMs });
  const given = new Set(saved.map(({ identity }) => identity));
  const deleted = vanished
    .filter(({ identity }) => !given.has(identity))
    .map(({ identity }, at) => ({ identity, version: state.version + saved.length + at + 1, atMs: nowMs }));
  const isNothing = saved.length + deleted.length === 0;
  const entries = [
    ...saved.map((record) => savedEntry(record, living, nowMs)),
    ...deletedEntries(vanished, given, nowMs),
  ];
  const change = isNothing ? null : { saved, deleted, entries };
  return { change, answer: viewsOf([...broken.values()], refused, kept) };
}

/** Of two with one name the first stays; `refused` has the others, by file. */
function chosen(
  files: readonly FolderFile[],
  kept: readonly PolicyOutline[],
): { readonly wanted: readonly Wanted[]; readonly refused: ReadonlyMap<string, readonly string[]> } {
  const owners = new Map(
    kept.map(({ name, source }) => [name, source.kind === 'api' ? 'the API' : source.file]),
  );
  const wanted: Wanted[] = [];
  const refused = new Map<string, string[]>();
  for (const { file, policies } of files) {
    for (const [place, read] of policies.entries()) {
      const { name } = read.policy;
      const owner = owners.get(name);
      const why =
        owner !== undefined
          ? `${file}: the policy ${JSON.stringify(name)} is there already, from ${owner}.`
          : owners.size >= POLICIES_MAX
            ? `${file}: the policy ${JSON.stringify(name)} is one too many; ${POLICIES_MAX} are allowed.`
            : null;
      if (why !== null) refused.set(file, [...(refused.get(file) ?? []), why]);
      else {
        owners.set(name, file);
        wanted.push({ file, place, read });
      }
    }
  }
  return { wanted, refused };
}

interface Ground {
  readonly state: PolicyState;
  readonly living: readonly PolicyOutline[];
  readonly vanished: readonly PolicyOutline[];
  readonly nowMs: number;
}

function recordsOf(wanted: readonly Wanted[], ground: Ground): readonly PolicyRecord[] {
  const { state, living, nowMs } = ground;
  const there = new Map(living.map((one) => [one.name, one]));
  const identities = identitiesOf(
    wanted.filter(({ read }) => !there.has(read.policy.name)),
    ground,
  );
  const records: PolicyRecord[] = [];
  for (const one of wanted) {
    const before = there.get(one.read.policy.name) ?? null;
    const identity = before?.identity ?? identities.get(one) ?? '';
    const source = { kind: 'file', file: one.file, place: one.place } as const;
    const version = state.version + records.length + 1;
    const renamed = living.find((other) => other.identity === identity) ?? null;
    const record = recordOf(one.read, { identity, version, source, by: one.file, nowMs }, before ?? renamed);
    if (before === null || !isSame(before, record)) records.push(record);
  }
  return records;
}

function identitiesOf(
  appeared: readonly Wanted[],
  { state, vanished, nowMs }: Ground,
): ReadonlyMap<Wanted, string> {
  const found = new Map<Wanted, string>();
  const gone = new Set(vanished.map(({ identity }) => identity));
  for (const file of new Set(appeared.map((one) => one.file))) {
    const given = new Set(found.values());
    const known = state.outlines.map((one): KnownPolicy => {
      const { identity, contentHash } = one;
      if (given.has(identity)) return { identity, contentHash, deletedAtMs: null };
      return { identity, contentHash, deletedAtMs: gone.has(identity) ? nowMs : one.deletedAtMs };
    });
    const fresh = [...given]
      .filter((identity) => !known.some((one) => one.identity === identity))
      .map((identity): KnownPolicy => ({ identity, contentHash: '', deletedAtMs: null }));
    const ofFile = vanished.filter(
      ({ source, identity }) => source.kind === 'file' && source.file === file && !given.has(identity),
    );
    const here = appeared.filter((one) => one.file === file);
    const identities = identitiesFor(
      here.map(({ read }) => ({ ...read.policy, contentHash: read.contentHash })),
      { known: [...known, ...fresh], lastOfName: state.lastOfName, vanished: ofFile },
    );
    for (const [at, one] of here.entries()) found.set(one, identities[at] ?? '');
  }
  return found;
}

function savedEntry(record: PolicyRecord, living: readonly PolicyOutline[], nowMs: number): PolicyOrderEntry {
  const before = living.find(({ identity }) => identity === record.identity);
  const { name } = record.policy;
  const detail =
    before === undefined ? 'created' : before.name === name ? 'updated' : `renamed from ${before.name}`;
  return entryOf('apply-policy', { by: fileText(record.savedBy), name, nowMs, detail });
}

function deletedEntries(
  vanished: readonly PolicyOutline[],
  given: ReadonlySet<string>,
  nowMs: number,
): readonly PolicyOrderEntry[] {
  return vanished
    .filter(({ identity }) => !given.has(identity))
    .map(({ name, source }) => {
      const by = fileText(source.kind === 'file' ? source.file : '');
      return entryOf('delete-policy', { by, name, nowMs, detail: null });
    });
}

function fileText(file: string): string {
  return `file ${file}`;
}

function viewsOf(
  broken: readonly FolderFile[],
  refused: ReadonlyMap<string, readonly string[]>,
  kept: readonly PolicyOutline[],
): readonly PolicyFileView[] {
  const keptOf = (file: string): number =>
    kept.filter(({ source }) => source.kind === 'file' && source.file === file).length;
  return [
    ...broken.map(({ file, problems }) => ({ file, keptPolicies: keptOf(file), problems })),
    ...[...refused].map(([file, problems]) => ({ file, keptPolicies: 0, problems })),
  ];
}
