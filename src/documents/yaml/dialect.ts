/**
 * YAML as different readers of it understand it. Penstock's own documents are YAML 1.2.
 * GitLab reads its files with Psych, which is YAML 1.1 with differences: `21:00` is a number,
 * `on` is true but `y` is a word, and a time stamp or a `:symbol` makes it refuse the file.
 */
import { Scalar, type ScalarTag, type Tags } from 'yaml';

export type Dialect = 'yaml-1.2' | 'psych';

const PSYCH_TRUE = /^(?:yes|true|on)$/i;
const PSYCH_FALSE = /^(?:no|false|off)$/i;

export function dialectOptions(dialect: Dialect) {
  if (dialect === 'yaml-1.2') return { version: '1.2' } as const;
  return { version: '1.1', customTags: (tags: Tags): Tags => tags.map(asInPsych) } as const;
}

function asInPsych(tag: Tags[number]): Tags[number] {
  if (typeof tag === 'string' || tag.tag !== 'tag:yaml.org,2002:bool') return tag;
  const bool = tag as ScalarTag;
  return { ...bool, test: bool.test?.test('true') ? PSYCH_TRUE : PSYCH_FALSE };
}

/** Why the reader of this dialect refuses the whole file because of this scalar; null where it does not. */
export function foreignTo(dialect: Dialect, scalar: Scalar, text: string): string | null {
  if (dialect !== 'psych') return null;
  const written = text.slice(scalar.range?.[0] ?? 0, scalar.range?.[1] ?? 0);
  if (scalar.value instanceof Date) {
    return `${written} is a time stamp here, and GitLab then ignores the whole file; write it in quotes: "${written}"`;
  }
  if (scalar.type === Scalar.PLAIN && /^:\S/.test(written)) {
    return `${written} is a symbol here, and GitLab then ignores the whole file; write it in quotes: "${written}"`;
  }
  return null;
}
