/**
 * What every store must do. Run it over each one: `storeConformance('sqlite', open)`.
 *
 * The cases of `store-cases/` tell one story each; the commands of `store-commands.ts` do the
 * same things in any order, with closing and opening in between, and compare with a model.
 */
import { afterEach, beforeEach, describe } from 'vitest';
import type { Store } from '../../src/ports/store.ts';
import { controlCases } from './store-cases/controls.ts';
import { forecastCases } from './store-cases/forecasts.ts';
import { historyCases } from './store-cases/history.ts';
import { launchCases } from './store-cases/launches.ts';
import { markCases } from './store-cases/marks.ts';
import { pastRunCases } from './store-cases/past-runs.ts';
import { policyCases } from './store-cases/policies.ts';
import { sampleCases } from './store-cases/samples.ts';
import { testRunCases } from './store-cases/test-runs.ts';
import { storeCommands } from './store-commands.ts';
import type { StoreUnderTest } from './store-under-test.ts';

export function storeConformance(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`store: ${name}`, () => {
    let opened: StoreUnderTest;
    let store: Store;

    beforeEach(async () => {
      opened = await open();
      store = opened.store;
    });
    afterEach(() => opened.dispose());

    const context = () => ({ store, reopen: () => opened.reopen() });
    markCases(context);
    controlCases(context);
    historyCases(context);
    sampleCases(context);
    forecastCases(context);
    testRunCases(context);
    policyCases(context);
    launchCases(context);
    pastRunCases(context);
    storeCommands(open);
  });
}
