/**
 * Label selectors in all forms of the API's query parameter, the two field selectors that every
 * kind has, and the phase of pods.
 */
import { type FakeObject, Refusal } from './objects.ts';

export type Matches = (object: FakeObject) => boolean;

export function selectorOf(query: URLSearchParams, namespace: string | null): Matches {
  const tests = [
    ...split(query.get('labelSelector') ?? '').map(labelTest),
    ...split(query.get('fieldSelector') ?? '').map(fieldTest),
  ];
  return (object) =>
    (namespace === null || object.metadata.namespace === namespace) && tests.every((test) => test(object));
}

/** At commas outside parentheses. */
function split(text: string): readonly string[] {
  return text
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function labelTest(text: string): Matches {
  const labelOf = (key: string) => (object: FakeObject) => object.metadata.labels?.[key];
  const set = /^(\S+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(text);
  if (set !== null) {
    const [, key = '', operator, list = ''] = set;
    const values = new Set(list.split(',').map((value) => value.trim()));
    const value = labelOf(key);
    return (object) => values.has(value(object) ?? '\0') === (operator === 'in');
  }
  const comparison = /^([^!=\s]+)\s*(==|=|!=)\s*(\S*)$/.exec(text);
  if (comparison !== null) {
    const [, key = '', operator, wanted] = comparison;
    const value = labelOf(key);
    return (object) => (value(object) === wanted) === (operator !== '!=');
  }
  const isAbsence = text.startsWith('!');
  const value = labelOf(isAbsence ? text.slice(1) : text);
  return (object) => (value(object) === undefined) === isAbsence;
}

function fieldTest(text: string): Matches {
  const [, field, operator, wanted] =
    /^(metadata\.(?:name|namespace)|status\.phase)(!=|==?)(\S*)$/.exec(text) ?? [];
  if (field === undefined) {
    throw new Refusal(400, 'BadRequest', `field label not supported: ${text.split('=')[0]}`);
  }
  return (object) => (fieldOf(object, field) === wanted) === (operator !== '!=');
}

function fieldOf({ metadata, status }: FakeObject, field: string): unknown {
  if (field === 'status.phase') return status?.phase ?? '';
  return field === 'metadata.name' ? metadata.name : metadata.namespace;
}
