/**
 * A file that somebody else replaces while we run: a service account's token, a certificate.
 *
 * Always true: what was read once stays in use while the file cannot be read; it is bounded;
 * many readers at once read it once.
 */
import { readFile } from 'node:fs/promises';
import type { Time } from '../time.ts';

/** Tokens are replaced well before they expire; a minute is what Kubernetes' own clients wait. */
const READ_AGAIN_MS = 60_000;
const SIZE_MAX = 1024 * 1024;

export class RotatingFile {
  readonly #path: string;
  readonly #time: Time;
  #text: string | null = null;
  #readAtMs = 0;
  #reading: Promise<void> | null = null;

  constructor(path: string, time: Time) {
    this.#path = path;
    this.#time = time;
  }

  /** Rejects only while it was never read. */
  async text(renew = false): Promise<string> {
    const isFresh = this.#time.steadyMs() - this.#readAtMs < READ_AGAIN_MS;
    if (this.#text !== null && isFresh && !renew) return this.#text;
    this.#reading ??= this.#read().finally(() => {
      this.#reading = null;
    });
    try {
      await this.#reading;
    } catch (error) {
      if (this.#text === null) throw error;
    }
    return this.#text ?? '';
  }

  async #read(): Promise<void> {
    const bytes = await readFile(this.#path);
    if (bytes.length > SIZE_MAX) throw new Error(`${this.#path} has more than ${SIZE_MAX} bytes`);
    const text = bytes.toString('utf8');
    // A file being replaced in place is empty for a moment.
    if (text.trim() === '') throw new Error(`${this.#path} is empty`);
    this.#text = text;
    this.#readAtMs = this.#time.steadyMs();
  }
}
