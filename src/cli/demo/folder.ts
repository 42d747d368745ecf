/**
 * The demo's data folder: what it keeps there besides Penstock's own files, so that a demo
 * that was killed is found and continued, and one that has finished makes room for the next.
 *
 * Always true: only a folder that carries the demo's marker is ever emptied. The marker is
 * replaced before anything is removed, so a removal that was cut short is taken up again
 * and never mistaken for a demo to continue.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { CodedError } from '../../core/errors/catalogue.ts';

const MARKER = 'penstock-demo.json';
const OWN_FOLDER = 'demo';
const LOCK_FILES = ['penstock.lock', 'penstock.owner'];

const markerSchema = z.object({
  penstockDemo: z.literal(1),
  state: z.enum(['begun', 'finished', 'being-removed']),
  seed: z.int(),
  runs: z.int().positive(),
  perProject: z.int().positive(),
  timeoutMs: z.int().positive(),
  slots: z.int().positive(),
  begunAtMs: z.int(),
  /** How often it was started again before it had finished. */
  restarts: z.int().min(0),
});
export type DemoMarker = z.infer<typeof markerSchema>;
export type DemoNumbers = Pick<
  DemoMarker,
  'seed' | 'runs' | 'perProject' | 'timeoutMs' | 'slots' | 'begunAtMs'
>;

/** @throws CodedError when the folder holds something else than a demo. */
export function checkDemoFolder(folder: string): void {
  if (!existsSync(folder) || readMarker(folder) !== null) return;
  if (contentsOf(folder).length === 0) return;
  throw new CodedError(
    'usage',
    `--data: ${folder} holds something else than a demo; name a new or empty folder.`,
    { field: '--data' },
  );
}

/**
 * Takes up the demo that was begun here, or begins a new one with these numbers. The
 * caller holds the lock on the folder.
 */
export function openDemoFolder(folder: string, numbers: DemoNumbers): DemoFolder {
  const found = readMarker(folder);
  if (found?.state === 'begun') {
    return new DemoFolder(folder, { ...found, restarts: found.restarts + 1 });
  }
  if (found !== null) {
    writeWhole(join(folder, MARKER), { ...found, state: 'being-removed' });
    for (const name of contentsOf(folder)) {
      if (name !== MARKER) rmSync(join(folder, name), { recursive: true, force: true });
    }
  }
  return new DemoFolder(folder, { penstockDemo: 1, state: 'begun', restarts: 0, ...numbers });
}

/** The lock's own files are nobody's content: they are made before the marker and stay while it is held. */
function contentsOf(folder: string): readonly string[] {
  return readdirSync(folder).filter((name) => !LOCK_FILES.some((lock) => name.startsWith(lock)));
}

/** What the demo itself writes down, each a whole JSON document or not there at all. */
const DOCUMENTS = ['forecast', 'requests', 'peaks'] as const;
type DocumentName = (typeof DOCUMENTS)[number];

export class DemoFolder {
  readonly #folder: string;
  readonly #own: string;
  #marker: DemoMarker;

  constructor(folder: string, marker: DemoMarker) {
    this.#folder = folder;
    this.#own = join(folder, OWN_FOLDER);
    this.#marker = marker;
    mkdirSync(this.#own, { recursive: true });
    writeWhole(join(folder, MARKER), marker);
  }

  get marker(): DemoMarker {
    return this.#marker;
  }

  get depotFile(): string {
    return join(this.#own, 'depot.url');
  }

  path(name: DocumentName): string {
    return join(this.#own, `${name}.json`);
  }

  /** Null when it was not written yet. */
  read<T>(name: DocumentName, schema: z.ZodType<T>): T | null {
    const text = readIfThere(this.path(name));
    return text === null ? null : schema.parse(JSON.parse(text));
  }

  write(name: DocumentName, document: unknown): void {
    writeWhole(this.path(name), document);
  }

  finish(): void {
    this.#marker = { ...this.#marker, state: 'finished' };
    writeWhole(join(this.#folder, MARKER), this.#marker);
  }
}

/** Null when there is none; one that cannot be read is none of the demo's. */
function readMarker(folder: string): DemoMarker | null {
  const text = readIfThere(join(folder, MARKER));
  if (text === null) return null;
  try {
    return markerSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

function writeWhole(path: string, document: unknown): void {
  writeFileSync(`${path}.new`, `${JSON.stringify(document)}\n`);
  renameSync(`${path}.new`, path);
}
