/** What is refused before anything is created, with the sentence the user gets. */
import { describe, expect, test } from 'vitest';
import { checkNewRuns, type Rules } from '../../../src/app/queries/check-new-runs.ts';
import { CodedError } from '../../../src/core/errors/catalogue.ts';
import { runId } from '../../../src/core/model/run.ts';
import type { NewRun } from '../../../src/ports/engine.ts';

const rules: Rules = {
  pools: ['linux/arm64', 'runs'],
  priorities: ['high', 'normal', 'low'],
  tenantOf: new Map([['shop', 'retail']]),
};

function aNewRun(changes: Partial<NewRun> = {}): NewRun {
  return {
    id: runId('r-1'),
    project: 'tools',
    tenant: '',
    priority: 'normal',
    requests: {},
    content: 'kind: Pipeline',
    params: {},
    timeoutMs: null,
    ...changes,
  };
}

function refusal(...runs: readonly NewRun[]): { code: string; field: string | null; message: string } {
  try {
    checkNewRuns(runs, rules);
  } catch (error) {
    if (error instanceof CodedError) return { code: error.code, field: error.field, message: error.message };
    throw error;
  }
  throw new Error('it was accepted');
}

describe('what is added to a good run', () => {
  const check = (changes: Partial<NewRun>): NewRun | undefined => checkNewRuns([aNewRun(changes)], rules)[0];

  test('one unit of the pool runs, where none is asked for', () => {
    expect(check({ requests: { 'linux/arm64': 2 } })?.requests).toEqual({ 'linux/arm64': 2, runs: 1 });
    expect(check({ requests: { runs: 3 } })?.requests).toEqual({ runs: 3 });
  });

  test('the tenant: of its project, or the one named, or the project itself', () => {
    expect(check({ project: 'shop' })?.tenant).toBe('retail');
    expect(check({ project: 'shop', tenant: 'retail' })?.tenant).toBe('retail');
    expect(check({ project: 'shop', tenant: 'shop' })?.tenant).toBe('retail');
    expect(check({ project: 'tools', tenant: 'platform' })?.tenant).toBe('platform');
    expect(check({ project: 'tools' })?.tenant).toBe('tools');
  });

  test('the lowest priority, where none is named', () => {
    expect(check({ priority: '' })?.priority).toBe('low');
    expect(check({ priority: 'high' })?.priority).toBe('high');
  });

  test('nothing else', () => {
    const run = aNewRun({ tenant: 'platform', requests: { runs: 1 }, timeoutMs: 5_000, params: { a: 'b' } });
    expect(checkNewRuns([run], rules)).toEqual([run]);
  });
});

const idAllowed =
  'is not allowed; use 1 to 100 letters, digits, ".", "_" and "-", beginning and ending with a letter or digit.';

const table: readonly {
  readonly story: string;
  readonly changes: Partial<NewRun>;
  readonly want: { readonly code: string; readonly field: string; readonly message: string };
}[] = [
  {
    story: 'a pool that is not configured',
    changes: { requests: { 'linux/s390x': 1 } },
    want: {
      code: 'pool-unknown',
      field: 'requests.linux/s390x',
      message:
        'requests.linux/s390x: there is no pool "linux/s390x"; use one of linux/arm64, runs, or add it to penstock.yaml.',
    },
  },
  {
    story: 'a name every object has is no pool',
    changes: { requests: { constructor: 1 } },
    want: {
      code: 'pool-unknown',
      field: 'requests.constructor',
      message:
        'requests.constructor: there is no pool "constructor"; use one of linux/arm64, runs, or add it to penstock.yaml.',
    },
  },
  ...[0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY].map((units) => ({
    story: `${units} units`,
    changes: { requests: { 'linux/arm64': units } },
    want: {
      code: 'request-invalid',
      field: 'requests.linux/arm64',
      message: `requests.linux/arm64: must be a positive whole number of units, not ${units}.`,
    },
  })),
  {
    story: 'a priority that is not configured',
    changes: { priority: 'urgent' },
    want: {
      code: 'priority-unknown',
      field: 'priority',
      message:
        'priority: there is no priority "urgent"; use one of high, normal, low, or add it to penstock.yaml.',
    },
  },
  {
    story: 'a tenant that is not the one of its project',
    changes: { project: 'shop', tenant: 'platform' },
    want: {
      code: 'request-invalid',
      field: 'tenant',
      message:
        'tenant: project shop belongs to tenant retail; leave the tenant out, or change it in penstock.yaml.',
    },
  },
  ...['', 'a/b', '../etc', '-a', 'a.', 'a b', 'a\nb', 'x'.repeat(101)].map((id) => ({
    story: `the id ${JSON.stringify(id)}`,
    changes: { id: runId(id) },
    want: {
      code: 'request-invalid',
      field: 'id',
      message: `id: "${id === 'a\nb' ? 'a b' : id.length > 60 ? `${'x'.repeat(57)}...` : id}" ${idAllowed}`,
    },
  })),
  ...['', ' a', 'a\nb', 'x'.repeat(256)].map((project) => ({
    story: `the project ${JSON.stringify(project.slice(0, 5))}`,
    changes: { project },
    want: {
      code: 'request-invalid',
      field: 'project',
      message: 'project: must be a name of 1 to 255 characters on one line.',
    },
  })),
  {
    story: 'a tenant of two lines',
    changes: { tenant: 'a\nb' },
    want: {
      code: 'request-invalid',
      field: 'tenant',
      message: 'tenant: must be a name of 1 to 255 characters on one line.',
    },
  },
  {
    story: 'nothing to execute',
    changes: { content: '' },
    want: {
      code: 'request-invalid',
      field: 'content',
      message: 'content: must be 1 to 1048576 characters long.',
    },
  },
  {
    story: 'a timeout of nothing',
    changes: { timeoutMs: 0 },
    want: {
      code: 'request-invalid',
      field: 'timeoutMs',
      message: 'timeoutMs: must be a positive whole number of milliseconds, or null for none.',
    },
  },
];

describe('it refuses', () => {
  test.each(table)('$story', ({ changes, want }) => {
    expect(refusal(aNewRun(changes))).toEqual(want);
  });

  test('too many pools', () => {
    const requests = Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`pool-${i}`, 1]));
    expect(refusal(aNewRun({ requests })).message).toBe('requests: at most 32 pools can be asked for.');
  });

  test('all runs for the sake of one, which it names', () => {
    const bad = aNewRun({ id: runId('r-2'), requests: { 'linux/s390x': 1 } });
    expect(refusal(aNewRun(), bad).message).toBe(
      'requests.linux/s390x of run r-2: there is no pool "linux/s390x"; use one of linux/arm64, runs, or add it to penstock.yaml.',
    );
  });

  test('the same id twice', () => {
    expect(refusal(aNewRun(), aNewRun()).message).toBe(
      'id: "r-1" is given twice; every run needs a name of its own.',
    );
  });
});
