/**
 * Parameters: what a pipeline or task declares, and the values it gets. A value given for
 * the run comes before one in the file, and that before a default.
 */
import { CodedError } from '../../../core/errors/catalogue.ts';
import { described, type Field } from './field.ts';
import { PARAM, PARAM_DECLARATION } from './shapes.ts';

export type ParamValue = string | readonly string[];

export interface ParamDeclaration {
  readonly name: string;
  readonly type: 'string' | 'array';
  readonly description: string | null;
  /** Null when it must be given. */
  readonly default: ParamValue | null;
}

const PARAM_NAME = /^[A-Za-z_][A-Za-z0-9_.-]{0,127}$/;

export function readDeclarations(list: Field): readonly ParamDeclaration[] {
  const declarations: ParamDeclaration[] = [];
  for (const item of list.items()) {
    item.shaped(PARAM_DECLARATION);
    const name = readName(item.at('name'));
    if (declarations.some((other) => other.name === name))
      throw item.at('name').invalid(`"${name}" is declared twice`);
    const given = item.at('default');
    if (item.at('type').value === 'object') {
      throw item.at('type').unsupported('"object" is not supported by the local engine; use string or array');
    }
    const type = item
      .at('type')
      .oneOf(['string', 'array'] as const, Array.isArray(given.value) ? 'array' : 'string');
    const description = item.at('description');
    declarations.push({
      name,
      type,
      description: description.isThere ? description.text() : null,
      default: given.isThere ? ofType(given, type) : null,
    });
  }
  return declarations;
}

function readName(field: Field): string {
  const name = field.text();
  if (PARAM_NAME.test(name)) return name;
  throw field.invalid(
    `must be letters, digits, "_", "-" and "." after a letter or "_", not ${described(name)}`,
  );
}

export function readParamValue(field: Field): ParamValue {
  return Array.isArray(field.value) ? field.items().map((item) => item.text()) : field.text();
}

function ofType(field: Field, type: ParamDeclaration['type']): ParamValue {
  const value = readParamValue(field);
  if (Array.isArray(value) === (type === 'array')) return value;
  throw field.invalid(type === 'array' ? 'must be a list of strings' : 'must be a string, not a list');
}

/** The `params` of a PipelineRun. */
export function readGiven(
  list: Field,
  declared: readonly ParamDeclaration[],
): ReadonlyMap<string, ParamValue> {
  const given = new Map<string, ParamValue>();
  for (const item of list.items()) {
    item.shaped(PARAM);
    const name = item.at('name').text();
    const declaration = declared.find((other) => other.name === name);
    if (declaration === undefined)
      throw item.at('name').invalid(`"${name}" is not declared; ${declaredNames(declared)}`);
    if (given.has(name)) throw item.at('name').invalid(`"${name}" is given twice`);
    given.set(name, ofType(item.at('value'), declaration.type));
  }
  return given;
}

/** Parameters given from outside are strings; those of an array are separated by commas, as in Tekton's own CLI. */
export function fromOutside(
  params: Readonly<Record<string, string>>,
  declared: readonly ParamDeclaration[],
): ReadonlyMap<string, ParamValue> {
  const given = new Map<string, ParamValue>();
  for (const [name, text] of Object.entries(params)) {
    const declaration = declared.find((other) => other.name === name);
    if (declaration === undefined) {
      const message = `params.${name}: is not declared by the pipeline; ${declaredNames(declared)}`;
      throw new CodedError('pipeline-invalid', message, { field: `params.${name}` });
    }
    given.set(name, declaration.type === 'array' ? text.split(',') : text);
  }
  return given;
}

function declaredNames(declared: readonly ParamDeclaration[]): string {
  if (declared.length === 0) return 'it declares none';
  return `declared are ${declared.map((declaration) => declaration.name).join(', ')}`;
}
