/**
 * Reads the configuration's YAML file, and remembers where in it each value stands.
 *
 * Always true: a file that is too large is not read; every failure is a CodedError with one
 * line that names the file and, where there is one, the line.
 */
import { CodedError } from '../core/errors/catalogue.ts';
import { readTextFile } from '../documents/text-file.ts';
import type { Path } from '../documents/yaml/places.ts';
import { readYaml, type YamlMistake } from '../documents/yaml/read-yaml.ts';

export interface YamlFile {
  readonly value: unknown;
  /** The line of the value at `path`, or of the nearest thing around it that is there. */
  lineOf(path: Path): number;
}

/** `label` is how messages name the file. */
export async function readYamlFile(path: string, label: string): Promise<YamlFile> {
  const { documents, mistakes } = readYaml(await readTextFile(path, label, 'check --config'));
  const [mistake] = mistakes;
  if (mistake !== undefined) throw invalid(label, mistake);
  const [document, second] = documents;
  if (second !== undefined) {
    const place = second.keyPlace([]);
    throw invalid(label, { place, message: 'a configuration is one document, and here begins a second' });
  }
  return { value: document?.value ?? null, lineOf: (at) => document?.keyPlace(at).line ?? 1 };
}

function invalid(label: string, { place, message }: Pick<YamlMistake, 'place' | 'message'>): CodedError {
  const where = place === null ? label : `${label}:${place.line}:${place.column}`;
  return new CodedError('yaml-invalid', `${where}: ${message}.`);
}
