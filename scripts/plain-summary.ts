/**
 * The last line of a test run, for scripts: `N passed, N failed, N skipped`, alone on its
 * line, after vitest's own summary. Above it, every skipped test says why it was skipped.
 *
 * Always true: a test file that could not be loaded, and an error outside any test, each
 * count as a failure; a skip without a reason counts as a failure too, because nobody
 * could tell it from a test that was forgotten.
 */
import type { Reporter, TestCase, TestModule, Vitest } from 'vitest/node';

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

interface Tally {
  readonly counts: Counts;
  readonly notes: readonly string[];
}

export class PlainSummary implements Reporter {
  #namesFiltered = false;

  onInit(vitest: Vitest): void {
    this.#namesFiltered = vitest.config.testNamePattern !== undefined;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const { counts, notes } = tally(modules, {
      unhandledErrors: unhandledErrors.length,
      namesFiltered: this.#namesFiltered,
    });
    const line = `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`;
    // Printed at exit, so that it comes after whatever the other reporters still write.
    process.once('exit', () => {
      process.stdout.write(`${[...notes, line].join('\n')}\n`);
      if (counts.failed > 0 && !process.exitCode) process.exitCode = 1;
    });
  }
}

interface Circumstances {
  readonly unhandledErrors: number;
  /** Only tests of certain names were asked for (`-t`): the others are left out silently. */
  readonly namesFiltered: boolean;
}

function tally(modules: readonly TestModule[], circumstances: Circumstances): Tally {
  let passed = 0;
  let failed = circumstances.unhandledErrors;
  let skipped = 0;
  const notes: string[] = [];
  for (const module of modules) {
    const brokenBefore = failed;
    failed += module.errors().length;
    let seen = 0;
    for (const test of module.children.allTests()) {
      seen += 1;
      const verdict = judge(test, circumstances.namesFiltered);
      if (verdict.kind === 'passed') passed += 1;
      else if (verdict.kind === 'skipped') skipped += 1;
      else failed += 1;
      if (verdict.note !== null) notes.push(verdict.note);
    }
    if (seen === 0 && failed === brokenBefore) {
      failed += 1;
      notes.push(`FAILED  ${module.relativeModuleId}: has no tests`);
    }
  }
  if (modules.length === 0 && failed === 0) failed = 1;
  return { counts: { passed, failed, skipped }, notes };
}

interface Verdict {
  readonly kind: 'passed' | 'failed' | 'skipped';
  readonly note: string | null;
}

function judge(test: TestCase, namesFiltered: boolean): Verdict {
  const result = test.result();
  const where = `${test.module.relativeModuleId}: ${test.fullName}`;
  if (result.state === 'passed') return { kind: 'passed', note: null };
  if (result.state === 'failed') return { kind: 'failed', note: null };
  if (result.state === 'pending') return { kind: 'failed', note: `FAILED  ${where}: never ran` };
  if (namesFiltered && !result.note) return { kind: 'skipped', note: null };
  if (result.note) return { kind: 'skipped', note: `SKIPPED ${where}: ${result.note}` };
  return { kind: 'failed', note: `FAILED  ${where}: skipped without a reason` };
}
