/** Fields of a table as text: splitting a line, reading numbers, and naming what is wrong. */

/** A row that was left out, and why. */
export interface LeftOut {
  readonly line: number;
  readonly column: string;
  readonly reason: string;
}

/** One line of CSV (RFC 4180); a quoted field ends in its line. */
export function fieldsOf(line: string): readonly string[] {
  if (!line.includes('"')) return line.split(',');
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) =>
    quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'),
  );
}

/** NaN for what is no plain number. */
export function numberOf(text: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
}

export function shown(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}...` : text;
}

export function leftOutText({ line, column, reason }: LeftOut): string {
  return column === '' ? `line ${line} ${reason}` : `line ${line}, column ${column}: ${reason}`;
}
