/**
 * One field of the file while it is checked: its value, and where it is. Each reading
 * method returns the value in its right type or throws one line that says what is allowed.
 */
import type { CodedError, ErrorCode } from '../../../core/errors/catalogue.ts';
import { parseDuration } from '../../../core/text/go-duration.ts';
import type { Path } from '../../../documents/yaml/places.ts';
import type { Source } from './source.ts';

/** The keys of a mapping: those that are read, and those that Tekton has and this engine cannot honour. */
export interface Shape {
  readonly allowed: readonly string[];
  readonly unsupported: readonly string[];
}

const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const SHOWN_LENGTH = 40;

export class Field {
  readonly #source: Source;
  readonly #path: Path;
  readonly value: unknown;

  constructor(source: Source, path: Path, value: unknown) {
    this.#source = source;
    this.#path = path;
    this.value = value;
  }

  get isThere(): boolean {
    return this.value !== undefined && this.value !== null;
  }

  invalid(message: string): CodedError {
    return this.#source.error('pipeline-invalid', this.#path, message);
  }

  unsupported(message: string): CodedError {
    return this.#source.error('pipeline-unsupported', this.#path, message);
  }

  /** The child; absent when this is absent. */
  at(key: string): Field {
    const value = isMapping(this.value) && Object.hasOwn(this.value, key) ? this.value[key] : undefined;
    return new Field(this.#source, [...this.#path, key], value);
  }

  /** Checks that this is a mapping with no other keys. */
  shaped(shape: Shape): this {
    for (const key of this.keys()) {
      if (shape.unsupported.includes(key))
        throw this.#key('pipeline-unsupported', key, 'is not supported by the local engine');
      if (!shape.allowed.includes(key)) {
        throw this.#key(
          'pipeline-invalid',
          key,
          `is not a known key; allowed are ${shape.allowed.join(', ')}`,
        );
      }
    }
    return this;
  }

  #key(code: ErrorCode, key: string, message: string): CodedError {
    return this.#source.keyError(code, [...this.#path, key], message);
  }

  keys(): readonly string[] {
    if (!this.isThere) throw this.invalid('is required');
    if (!isMapping(this.value)) throw this.invalid(`must be a mapping, not ${described(this.value)}`);
    return Object.keys(this.value);
  }

  /** Empty when absent. */
  items(): readonly Field[] {
    if (!this.isThere) return [];
    if (!Array.isArray(this.value)) throw this.invalid(`must be a list, not ${described(this.value)}`);
    return this.value.map((item, index) => new Field(this.#source, [...this.#path, index], item));
  }

  text(): string {
    if (!this.isThere) throw this.invalid('is required and must be a string');
    if (typeof this.value === 'string') return this.value;
    const hint = isScalar(this.value) ? `; write it in quotes: "${this.value}"` : '';
    throw this.invalid(`must be a string, not ${described(this.value)}${hint}`);
  }

  /** A lower-case name as Kubernetes wants it. */
  name(): string {
    const text = this.text();
    if (LABEL.test(text)) return text;
    throw this.invalid(`must be 1 to 63 lower-case letters, digits and "-", not ${described(text)}`);
  }

  oneOf<T extends string>(choices: readonly T[], otherwise: T): T {
    if (!this.isThere) return otherwise;
    const found = choices.find((choice) => choice === this.value);
    if (found === undefined)
      throw this.invalid(`must be ${choices.join(' or ')}, not ${described(this.value)}`);
    return found;
  }

  count(otherwise: number, most: number): number {
    if (!this.isThere) return otherwise;
    const { value } = this;
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most) return value;
    throw this.invalid(`must be a whole number from 0 to ${most}, not ${described(value)}`);
  }

  /** Null when absent; 0 means no limit. */
  durationMs(): number | null {
    if (!this.isThere) return null;
    // YAML reads a bare 0 as a number, and Tekton allows it.
    const ms = typeof this.value === 'string' ? parseDuration(this.value) : this.value === 0 ? 0 : null;
    if (ms === null) {
      throw this.invalid(
        `must be a duration such as "30s", "10m" or "1h30m" ("0" for none), not ${described(this.value)}`,
      );
    }
    return ms;
  }
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isScalar(value: unknown): value is number | boolean | bigint {
  return typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint';
}

export function described(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  const text = JSON.stringify(value);
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}...` : text;
}
