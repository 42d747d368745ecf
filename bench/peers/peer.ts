/**
 * The programs that the event simulation is measured beside. Each reads the same file of
 * arrivals and durations and says how long it took and what the waiting came to.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface PeerRun {
  readonly seconds: number;
  readonly jobs: number;
  readonly waitedMs: number;
  readonly lastEndMs: number;
}

export interface GivenQueue {
  readonly arrivalsMs: Float64Array;
  readonly durationsMs: Float64Array;
  readonly slots: number;
}

export interface Draw {
  readonly meanMs: number;
  readonly variation: number;
  readonly seed: number;
}

export interface Peer {
  /** With `draw`, durations are drawn anew in each repetition instead of used as given. */
  run(repetitions: number, draw?: Draw): PeerRun;
}

/** A folder for the compiled peer and the file both read; removed by the returned function. */
export interface PeerFolder {
  readonly path: string;
  readonly remove: () => void;
}

export function peerFolder(): PeerFolder {
  const path = mkdtempSync(join(tmpdir(), 'penstock-peers-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

function writeQueue(folder: PeerFolder, queue: GivenQueue): string {
  const file = join(folder.path, 'queue.doubles');
  const numbers = new Float64Array([...queue.arrivalsMs, ...queue.durationsMs]);
  writeFileSync(file, new Uint8Array(numbers.buffer));
  return file;
}

/** Null without a C compiler. */
export function cPeer(folder: PeerFolder, queue: GivenQueue): Peer | null {
  if (spawnSync('cc', ['--version'], { stdio: 'ignore' }).status !== 0) return null;
  const source = join(import.meta.dirname, 'event-heap.c');
  const program = join(folder.path, 'event-heap');
  execFileSync('cc', ['-std=c11', '-D_POSIX_C_SOURCE=200809L', '-O2', '-o', program, source, '-lm']);
  const file = writeQueue(folder, queue);
  return {
    run: (repetitions, draw) => {
      const drawing = draw === undefined ? [] : [draw.meanMs, draw.variation, draw.seed];
      return parsed(program, [file, queue.slots, repetitions, ...drawing]);
    },
  };
}

/** Null without SimPy for the system's Python. It only takes durations as given. */
export function simpyPeer(folder: PeerFolder, queue: GivenQueue): Peer | null {
  const python = '/usr/bin/python3';
  if (spawnSync(python, ['-c', 'import SimPy.Simulation'], { stdio: 'ignore' }).status !== 0) return null;
  const file = writeQueue(folder, queue);
  const script = join(import.meta.dirname, 'simpy-queue.py');
  return { run: (repetitions) => parsed(python, [script, file, queue.slots, repetitions]) };
}

function parsed(program: string, args: readonly (string | number)[]): PeerRun {
  return JSON.parse(execFileSync(program, args.map(String), { encoding: 'utf8' })) as PeerRun;
}
