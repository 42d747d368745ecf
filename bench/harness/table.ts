/** The lines of a section as a table that fits a terminal. */
import type { Line, Missing, Section } from './line.ts';

export function tableOf(section: Section, lines: readonly (Line | Missing)[]): string {
  const rows = lines.map((line) =>
    'missing' in line
      ? [line.what, 'not measured', line.missing]
      : [
          line.what,
          `${figure(line.value)} ${line.unit}`,
          [goalText(line), line.against].filter(Boolean).join('; '),
        ],
  );
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const text = rows.map(([what = '', value = '', rest = '']) =>
    `  ${what.padEnd(widths[0] ?? 0)}  ${value.padStart(widths[1] ?? 0)}  ${rest}`.trimEnd(),
  );
  return [`${section.name}: ${section.title}`, ...text, ''].join('\n');
}

function goalText({ goal }: Line): string {
  if (goal === null) return '';
  return `${goal.met ? 'met' : 'NOT MET'}: ${goal.text}`;
}

/** Three digits that matter. */
function figure(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString('en-US');
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
