/**
 * The log of one step: its first bytes as they come, its last bytes when it ends, and a
 * line in between that says how much was left out. It never makes the step wait, and a
 * full disk costs the log, not the run.
 */
import { closeSync, openSync, writeSync } from 'node:fs';

export class StepLog {
  readonly #headLimit: number;
  readonly #tailLimit: number;
  #file: number | null;
  #headBytes = 0;
  #tail: Buffer[] = [];
  #tailBytes = 0;
  #leftOutBytes = 0;

  constructor(path: string, limitBytes: number) {
    this.#headLimit = Math.floor(limitBytes / 2);
    this.#tailLimit = limitBytes - this.#headLimit;
    this.#file = openOrNull(path);
  }

  add(chunk: Buffer): void {
    const forHead = Math.min(chunk.length, this.#headLimit - this.#headBytes);
    if (forHead > 0) {
      this.#write(chunk.subarray(0, forHead));
      this.#headBytes += forHead;
    }
    if (forHead < chunk.length) this.#keep(chunk.subarray(forHead));
  }

  #keep(chunk: Buffer): void {
    this.#tail.push(chunk);
    this.#tailBytes += chunk.length;
    // Whole chunks go first; one that is larger than the limit is cut when it is written.
    for (let first = this.#tail[0]; first !== undefined; first = this.#tail[0]) {
      if (this.#tailBytes - first.length < this.#tailLimit) break;
      this.#tail.shift();
      this.#tailBytes -= first.length;
      this.#leftOutBytes += first.length;
    }
  }

  close(): void {
    const rest = Buffer.concat(this.#tail);
    const tail = rest.subarray(Math.max(0, rest.length - this.#tailLimit));
    const leftOutBytes = this.#leftOutBytes + rest.length - tail.length;
    if (leftOutBytes > 0) {
      this.#write(Buffer.from(`\n[${leftOutBytes} bytes of this log were left out here]\n`));
    }
    this.#write(tail);
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }

  #write(bytes: Buffer): void {
    try {
      for (let rest = bytes; rest.length > 0 && this.#file !== null; ) {
        rest = rest.subarray(writeSync(this.#file, rest));
      }
    } catch {
      if (this.#file !== null) closeSync(this.#file);
      this.#file = null;
    }
  }
}

function openOrNull(path: string): number | null {
  try {
    return openSync(path, 'w', 0o600);
  } catch {
    return null;
  }
}
