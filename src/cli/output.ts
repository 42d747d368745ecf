/** What a command answers: one JSON document, or text for a person. */
import type { OutputOptions } from './options.ts';

export function answer(options: OutputOptions, document: unknown, text: () => string): void {
  process.stdout.write(options.json === true ? `${JSON.stringify(document, null, 2)}\n` : `${text()}\n`);
}
