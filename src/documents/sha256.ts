/** SHA-256 of a text, which is how anything is recognised again here. */
import { createHash } from 'node:crypto';

/** Of the text in UTF-8, in lower-case hex. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
