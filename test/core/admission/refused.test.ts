/** A snapshot that breaks its own rules is a programmer's error: it is refused, not decided wrongly. */
import { expect, test } from 'vitest';
import { decide } from '../../../src/core/admission/decide.ts';
import { requestsKey } from '../../../src/core/admission/signatures.ts';
import type { Snapshot } from '../../../src/core/model/snapshot.ts';
import { aHeldRun, anActiveRun, aPool, aSnapshot, aTenant } from '../../builders/admission.ts';

const broken: readonly { readonly name: string; readonly parts: Partial<Snapshot>; readonly want: RegExp }[] =
  [
    { name: 'a negative size', parts: { pools: [aPool('runs', -1)] }, want: /pool runs has size -1/ },
    { name: 'a size that is not whole', parts: { pools: [aPool('runs', 1.5)] }, want: /size 1.5/ },
    { name: 'a size that is no number', parts: { pools: [aPool('runs', Number.NaN)] }, want: /size NaN/ },
    {
      name: 'negative use by others',
      parts: { pools: [aPool('runs', 1, { otherUse: -1 })] },
      want: /pool runs has other use -1/,
    },
    {
      name: 'use by others that is not whole',
      parts: { pools: [aPool('runs', 1, { otherUse: 0.5 })] },
      want: /other use 0.5/,
    },
    {
      name: 'a weight of 0',
      parts: { tenants: [aTenant('a', { weight: 0 })] },
      want: /tenant a has weight 0/,
    },
    {
      name: 'a held run that asks for 0 units',
      parts: { held: [aHeldRun('1', { requests: { runs: 0 } })] },
      want: /asks for 0 of runs/,
    },
    {
      name: 'an active run that asks for part of a unit',
      parts: { active: [anActiveRun('1', { requests: { runs: 0.5 } })] },
      want: /asks for 0.5 of runs/,
    },
  ];

test.each(broken)('$name is refused', ({ parts, want }) => {
  expect(() => decide(aSnapshot(parts))).toThrow(want);
});

test('requests have the same key exactly when they are equal, whatever the names of their pools', () => {
  expect(requestsKey({ a: 1, b: 2 })).toBe(requestsKey({ b: 2, a: 1 }));
  expect(requestsKey({ a: 1, b: 2 })).not.toBe(requestsKey({ a: 2, b: 1 }));
  expect(requestsKey({ 'a=1,b': 2 })).not.toBe(requestsKey({ a: 1, b: 2 }));
  expect(requestsKey({ '1:a=1,1:b': 2 })).not.toBe(requestsKey({ a: 1, b: 2 }));
});
