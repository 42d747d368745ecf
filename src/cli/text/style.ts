/**
 * Colour, only where somebody sees it: on a terminal, and not with NO_COLOR. Colour never
 * carries meaning alone; the words are the same without it.
 */
import { styleText } from 'node:util';

export type Style = 'plain' | 'dim' | 'bold' | 'good' | 'bad' | 'warn';

const FORMATS = { dim: 'dim', bold: 'bold', good: 'green', bad: 'red', warn: 'yellow' } as const;

export function paint(style: Style, text: string): string {
  return style === 'plain' ? text : styleText(FORMATS[style], text, { stream: process.stdout });
}
