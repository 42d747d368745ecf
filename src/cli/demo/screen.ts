/**
 * Where the demo writes for a person. On a terminal the live lines are redrawn in place;
 * elsewhere one plain line now and then says how far it is.
 *
 * Always true: live lines never wrap (they are cut to the width), so redrawing them never
 * eats what stands above.
 */
import { styleText } from 'node:util';
import type { Style } from '../text/style.ts';
import type { Paper } from '../text/table.ts';
import { shortened } from '../text/table.ts';

/** Often enough to look alive, seldom enough to cost nothing. */
export const REDRAW_MS = 125;
const PLAIN_EVERY_MS = 2_500;
const FORMATS = { dim: 'dim', bold: 'bold', good: 'green', bad: 'red', warn: 'yellow' } as const;
const CLEAR_BELOW = '\u001b[J';

export interface Live {
  /** The lines on a terminal, without colour: they are cut to its width. */
  readonly lines: readonly string[];
  /** The same in one line, for anything else. */
  readonly plain: string;
}

export class Screen {
  readonly #stream: NodeJS.WriteStream;
  readonly isTerminal: boolean;
  #drawn = 0;
  #plainAtMs = Number.NEGATIVE_INFINITY;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
    this.isTerminal = stream.isTTY === true;
  }

  get width(): number {
    return this.isTerminal ? Math.max(40, this.#stream.columns ?? 80) : 80;
  }

  readonly paper: Paper = {
    width: null,
    paint: (style, text) => this.paint(style, text),
  };

  paint(style: Style, text: string): string {
    return style === 'plain' ? text : styleText(FORMATS[style], text, { stream: this.#stream });
  }

  /** Broken between words to fit a terminal; elsewhere as it is, so that it can be searched. */
  wrapped(text: string): string {
    if (!this.isTerminal) return text;
    const lines: string[] = [];
    let line = '';
    for (const word of text.split(' ')) {
      if (line !== '' && line.length + 1 + word.length >= this.width) {
        lines.push(line);
        line = word;
      } else line = line === '' ? word : `${line} ${word}`;
    }
    return [...lines, line].join('\n');
  }

  /** Text that stays. Live lines, if any, are gone. */
  print(text: string): void {
    this.#stream.write(`${this.#erased()}${text}\n`);
  }

  /** Replaces the live lines; on anything but a terminal says something only every few seconds. */
  live(live: Live, nowMs: number): void {
    if (!this.isTerminal) {
      if (nowMs - this.#plainAtMs < PLAIN_EVERY_MS) return;
      this.#plainAtMs = nowMs;
      this.#stream.write(`${live.plain}\n`);
      return;
    }
    const lines = live.lines.map((line) => shortened(line, this.width - 1));
    this.#stream.write(`${this.#erased()}${lines.join('\n')}\n`);
    this.#drawn = lines.length;
  }

  /** Removes the live lines; the next plain line may come at once. */
  clear(): void {
    this.#plainAtMs = Number.NEGATIVE_INFINITY;
    const erased = this.#erased();
    if (erased !== '') this.#stream.write(erased);
  }

  #erased(): string {
    if (this.#drawn === 0) return '';
    const up = `\u001b[${this.#drawn}A\r`;
    this.#drawn = 0;
    return `${up}${CLEAR_BELOW}`;
  }
}
