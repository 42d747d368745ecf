/**
 * A report as blocks that a terminal and a merge request comment show each in its own way,
 * so that both say the same.
 */

import { stdoutPaper } from '../stdout-paper.ts';
import type { Style } from '../style.ts';
import { paint } from '../style.ts';
import { type Column, table } from '../table.ts';

export interface Cell {
  readonly text: string;
  readonly style?: Style;
}

export type Block =
  | { readonly kind: 'title'; readonly text: string; readonly answer: Cell }
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'text'; readonly lines: readonly string[] }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | {
      readonly kind: 'table';
      readonly titles: readonly string[];
      /** Places of the columns that are aligned to the right. */
      readonly right: readonly number[];
      readonly rows: readonly (readonly Cell[])[];
    }
  /** Drawn with characters: monospaced everywhere. */
  | { readonly kind: 'drawing'; readonly lines: readonly string[] };

export function terminalText(blocks: readonly Block[]): string {
  return blocks.map(terminalBlock).join('\n');
}

function terminalBlock(block: Block): string {
  switch (block.kind) {
    case 'title':
      return `${paint('bold', block.text)}: ${paint(block.answer.style ?? 'bold', block.answer.text)}`;
    case 'heading':
      return `\n${paint('bold', block.text)}`;
    case 'drawing':
      return block.lines.join('\n');
    case 'text':
      return block.lines.map((line) => wrapped(line, '')).join('\n');
    case 'list':
      return block.items.map((item) => wrapped(`- ${item}`, '  ')).join('\n');
    case 'table':
      return table(columnsOf(block), block.rows, stdoutPaper());
  }
}

function columnsOf({
  titles,
  right,
}: Extract<Block, { readonly kind: 'table' }>): readonly Column<readonly Cell[]>[] {
  return titles.map((title, place) => ({
    title,
    text: (row) => row[place]?.text ?? '',
    style: (row) => row[place]?.style ?? 'plain',
    ...(right.includes(place) ? { align: 'right' as const } : {}),
  }));
}

const WIDTH = 100;

/** Broken between words, further lines indented; a word that is longer stays whole. */
function wrapped(text: string, indent: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = `${indent}${word}`;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join('\n');
}

export function markdownText(blocks: readonly Block[]): string {
  return blocks.map(markdownBlock).join('\n\n');
}

function markdownBlock(block: Block): string {
  switch (block.kind) {
    case 'title':
      return `### ${escaped(block.text)}: ${block.answer.text}`;
    case 'heading':
      return `**${escaped(block.text)}**`;
    case 'text':
      return block.lines.map(escaped).join('\\\n');
    case 'list':
      return block.items.map((item) => `- ${escaped(item)}`).join('\n');
    case 'drawing':
      return ['```text', ...block.lines, '```'].join('\n');
    case 'table': {
      const line = (texts: readonly string[]): string => `| ${texts.join(' | ')} |`;
      return [
        line(block.titles.map((title) => escaped(title.toLowerCase()))),
        line(block.titles.map((_, place) => (block.right.includes(place) ? '---:' : '---'))),
        ...block.rows.map((row) => line(row.map(({ text }) => escaped(text)))),
      ].join('\n');
    }
  }
}

/** Names come from files: nothing in them may become a table, a link or HTML. */
function escaped(text: string): string {
  return text.replaceAll(/[\\|`*_<>[\]]/g, '\\$&').replaceAll('\n', ' ');
}
