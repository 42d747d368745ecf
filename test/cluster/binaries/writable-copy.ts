/**
 * Copies a folder out of Go's module cache. Files there are read-only, and so would the
 * copy be: nobody could change it, nor remove it.
 */
import { chmodSync, cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export function copyWritable(from: string, to: string): void {
  cpSync(from, to, { recursive: true });
  makeWritable(to);
}

function makeWritable(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) makeWritable(path);
    else chmodSync(path, 0o644);
  }
}
