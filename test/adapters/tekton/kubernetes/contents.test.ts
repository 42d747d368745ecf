/**
 * Lists and events, repeated, swapped and against each other: one state, and each object that
 * leaves is told once.
 */
import { expect, test } from 'vitest';
import type { RawObject } from '../../../../src/adapters/tekton/kubernetes/api.ts';
import { Contents } from '../../../../src/adapters/tekton/kubernetes/reflector/contents.ts';

interface Given {
  readonly contents: Contents<string>;
  readonly gone: string[];
}

function given(): Given {
  const gone: string[] = [];
  const contents = new Contents<string>({
    project: ({ state }) => (state === 'unused' ? null : state === 'broken' ? undefined : String(state)),
    isNews: (before, after) => before !== after,
    onGone: (uid, last) => gone.push(`${uid}: ${last}`),
  });
  return { contents, gone };
}

function object(uid: string, version: number | string, state: string, name = uid): RawObject {
  return { metadata: { uid, name, namespace: 'n', resourceVersion: String(version) }, state };
}

function list(contents: Contents<string>, version: number, objects: readonly RawObject[]): void {
  contents.beginList();
  for (const each of objects) contents.listed(each);
  contents.endList(String(version));
}

const shown = ({ contents }: Given) => Object.fromEntries(contents.items);

test('an older word of an object is ignored, a repeated one changes nothing', () => {
  const all = given();
  all.contents.put(object('a', 12, 'new'));
  const { changes } = all.contents;
  all.contents.put(object('a', 11, 'old'));
  all.contents.put(object('a', 12, 'new'));
  expect([shown(all), all.contents.changes]).toEqual([{ a: 'new' }, changes]);
});

test('a deletion is told once, with the state it carries, and the dead stay dead', () => {
  const all = given();
  all.contents.put(object('a', 10, 'running'));
  all.contents.remove(object('a', 12, 'finished'));
  all.contents.remove(object('a', 12, 'finished'));
  all.contents.put(object('a', 11, 'running'));
  expect([shown(all), all.gone]).toEqual([{}, ['a: finished']]);
});

test('a deletion that came before a later change does not undo it', () => {
  const all = given();
  all.contents.put(object('a', 14, 'selected again'));
  all.contents.remove(object('a', 12, 'left the selector'));
  expect([shown(all), all.gone]).toEqual([{ a: 'selected again' }, []]);
});

test('an object that left the selector may come back', () => {
  const all = given();
  all.contents.put(object('a', 10, 'in'));
  all.contents.remove(object('a', 11, 'out'));
  all.contents.put(object('a', 12, 'in again'));
  expect(shown(all)).toEqual({ a: 'in again' });
});

test('an object of which only the deletion was seen is told', () => {
  const all = given();
  all.contents.remove(object('a', 12, 'finished'));
  expect(all.gone).toEqual(['a: finished']);
});

test('an object that takes over a name removes the one before', () => {
  const all = given();
  all.contents.put(object('a', 10, 'first', 'same'));
  all.contents.put(object('b', 13, 'second', 'same'));
  all.contents.put(object('a', 11, 'first', 'same'));
  all.contents.remove(object('a', 12, 'first, late', 'same'));
  expect([shown(all), all.gone]).toEqual([{ b: 'second' }, ['a: first']]);
});

test('an older object does not take a name from a younger one', () => {
  const all = given();
  all.contents.put(object('b', 13, 'second', 'same'));
  all.contents.put(object('a', 10, 'first', 'same'));
  expect([shown(all), all.gone]).toEqual([{ b: 'second' }, []]);
});

test('what a list does not show is gone, with the last state known', () => {
  const all = given();
  all.contents.put(object('a', 10, 'a'));
  all.contents.put(object('b', 11, 'b'));
  list(all.contents, 20, [object('b', 11, 'b')]);
  all.contents.remove(object('a', 15, 'late deletion'));
  expect([shown(all), all.gone]).toEqual([{ b: 'b' }, ['a: a']]);
});

test('what the watch brought after the moment of the list stays', () => {
  const all = given();
  all.contents.put(object('a', 10, 'a'));
  all.contents.beginList();
  all.contents.put(object('new', 25, 'new'));
  all.contents.remove(object('a', 22, 'a'));
  all.contents.listed(object('a', 10, 'a'));
  all.contents.endList('20');
  expect([shown(all), all.gone]).toEqual([{ new: 'new' }, ['a: a']]);
});

test('a watch that lags behind a list brings nothing back', () => {
  const all = given();
  list(all.contents, 20, []);
  all.contents.put(object('a', 15, 'was deleted at 18'));
  expect([shown(all), all.gone]).toEqual([{}, []]);
});

test('a list before what is known shows that the cluster was rebuilt', () => {
  const all = given();
  all.contents.put(object('a', 100, 'old world'));
  all.contents.put(object('b', 101, 'old world'));
  all.contents.beginList();
  all.contents.listed(object('a', 3, 'new world'));
  expect(all.contents.isBackInTime('5')).toBe(true);
  list(all.contents, 5, [object('a', 3, 'new world')]);
  expect([shown(all), all.gone]).toEqual([{ a: 'new world' }, ['b: old world']]);
});

test('events that come while a list is read do not make it look old', () => {
  const all = given();
  all.contents.beginList();
  all.contents.put(object('a', 100, 'a'));
  expect(all.contents.isBackInTime('50')).toBe(false);
});

test('of what is not used nothing stays, and its loss is told', () => {
  const all = given();
  all.contents.put(object('a', 10, 'a'));
  all.contents.put(object('a', 11, 'unused'));
  all.contents.put(object('b', 12, 'unused'));
  expect([shown(all), all.gone]).toEqual([{}, ['a: a']]);
});

test('of what cannot be read the last known stays, until it is deleted', () => {
  const all = given();
  all.contents.put(object('a', 10, 'a'));
  all.contents.put(object('a', 11, 'broken'));
  expect([shown(all), all.gone]).toEqual([{ a: 'a' }, []]);
  all.contents.remove(object('a', 12, 'broken'));
  expect([shown(all), all.gone]).toEqual([{}, ['a: a']]);
});

test('versions that are no numbers: the later word counts', () => {
  const all = given();
  all.contents.put(object('a', 'x', 'a'));
  all.contents.put(object('a', 'b', 'newer'));
  expect(shown(all)).toEqual({ a: 'newer' });
  all.contents.beginList();
  all.contents.put(object('late', 'c', 'late'));
  expect(all.contents.endList('y')).toBe(true);
  expect([shown(all), all.gone]).toEqual([{ late: 'late' }, ['a: newer']]);
});

test('more deletions during a list than are remembered make it void', () => {
  const all = given();
  for (let index = 0; index < 20_000; index += 1) all.contents.put(object(`u${index}`, index + 1, 'x'));
  all.contents.beginList();
  for (let index = 0; index < 20_000; index += 1)
    all.contents.remove(object(`u${index}`, 30_000 + index, 'x'));
  expect(all.contents.endList('25000')).toBe(false);
});
