/**
 * The demo: measure some runs, forecast many, run them, and put the truth beside the
 * forecast.
 *
 * Always true: what comes next follows from what is in the data folder, so a demo that was
 * killed at any instant goes on where it was: no run is lost, none is made twice, and the
 * forecast that was shown before the runs were created is the one that is judged.
 */
import { join, relative, resolve } from 'node:path';
import { withDataLock } from '../../compose.ts';
import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load-config.ts';
import { CodedError } from '../../core/errors/catalogue.ts';
import { type Depot, openDepot } from './depot.ts';
import { EXAMPLES_FOLDER, type Examples, exampleConfigFile, readExamples } from './examples.ts';
import { checkDemoFolder, type DemoFolder, type DemoNumbers, openDemoFolder } from './folder.ts';
import { type DemoOutcome, demoOutcome } from './outcome.ts';
import { type PeakWatch, watchPeaks } from './peak-watch.ts';
import { type DemoPlan, planDemo } from './plan.ts';
import { type Prediction, predict, predictionSchema } from './prediction.ts';
import { detailLines, outcomeText, predictionText, savedSentence } from './report.ts';
import type { Screen } from './screen.ts';
import { Stage } from './stage.ts';
import type { EndedRun } from './tally.ts';

/** Longer than any run of the demo takes, shorter than anybody waits for Ctrl-C. */
const DRAIN_MS = 6_000;

export interface DemoOptions {
  readonly data: string;
  /** Undefined is the usual one, or any free one where that is in use. */
  readonly port: string | undefined;
  /** With `penstock.yaml` and `workspace` in it; undefined means those that come with Penstock. */
  readonly examples: string | undefined;
  readonly numbers: Omit<DemoNumbers, 'begunAtMs'>;
}

interface DemoParts {
  readonly screen: Screen;
  readonly folder: DemoFolder;
  readonly config: Config;
  readonly examples: Examples;
  readonly anyPort: boolean;
}

export class Demo {
  readonly #screen: Screen;
  readonly #folder: DemoFolder;
  readonly #config: Config;
  readonly #examples: Examples;
  readonly #plan: DemoPlan;
  readonly #stage: Stage;
  #depot: Depot | null = null;
  #watch: PeakWatch | null = null;

  private constructor(parts: DemoParts) {
    const { screen, folder, config, examples } = parts;
    this.#screen = screen;
    this.#folder = folder;
    this.#config = config;
    this.#examples = examples;
    this.#plan = planDemo(folder.marker, this.#examples, {
      node: process.execPath,
      depotFile: folder.depotFile,
    });
    this.#stage = new Stage({ config, screen, anyPort: parts.anyPort });
  }

  /** Takes up what is in the data folder, and puts everything together that runs need. */
  static async open(options: DemoOptions, screen: Screen): Promise<Demo> {
    const examplesFolder = resolve(options.examples ?? EXAMPLES_FOLDER);
    const file = exampleConfigFile(examplesFolder);
    const flags = { data: options.data, port: options.port, logLevel: 'error' };
    const before = await loadConfig({ file, flags, env: {} });
    checkDemoFolder(before.dataFolder);
    const folder = await withDataLock(before.dataFolder, 'penstock demo', () =>
      openDemoFolder(before.dataFolder, { ...options.numbers, begunAtMs: Date.now() }),
    );
    const slots = folder.marker.slots;
    const config = await loadConfig({ file, flags: { ...flags, slots }, env: {} });
    const examples = readExamples(
      examplesFolder,
      config.pools.map((pool) => pool.name),
    );
    const demo = new Demo({ screen, folder, config, examples, anyPort: options.port === undefined });
    await demo.#open();
    return demo;
  }

  async #open(): Promise<void> {
    try {
      await this.#stage.open();
      const { seed } = this.#folder.marker;
      const { depot: catalogue } = this.#examples;
      this.#depot = await openDepot({ catalogue, seed, addressFile: this.#folder.depotFile });
      const runs = [...this.#plan.first, ...this.#plan.calibration, ...this.#plan.bulk];
      this.#folder.write('requests', Object.fromEntries(runs.map((run) => [run.id, run.requests])));
      this.#watch = watchPeaks(this.#folder, join(this.#config.dataFolder, 'local'));
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** As it is typed from here. */
  get #shownFolder(): string {
    const shown = relative(process.cwd(), this.#dataFolder);
    return shown === '' || shown.startsWith('..') ? this.#dataFolder : shown;
  }

  get #dataFolder(): string {
    return this.#config.dataFolder;
  }

  async run(): Promise<DemoOutcome> {
    this.#introduce();
    const known = this.#folder.read('forecast', predictionSchema);
    const prediction = known ?? (await this.#measureAndPredict());
    this.#print(this.#forecastText(prediction));
    const { runs } = this.#folder.marker;
    const tally = await this.#stage.run({
      title: `${runs} runs`,
      runs: this.#plan.bulk,
      expectedMs: prediction.finishMs.p50,
    });
    await this.#watch?.stop();
    const outcome = this.#judge(prediction, tally.runs());
    this.#folder.finish();
    this.#print(this.#outcomeText(outcome));
    return outcome;
  }

  async #measureAndPredict(): Promise<Prediction> {
    const { perProject, slots, seed } = this.#folder.marker;
    const { first, calibration, bulk } = this.#plan;
    const runs = [...first, ...calibration];
    const tally = await this.#stage.run({ title: 'Measuring', runs, expectedMs: null });
    const { admission: settings, pools } = this.#config;
    const counted = new Set(calibration.map((run) => run.id));
    const measured = tally.runs().filter((run) => counted.has(run.id));
    const prediction = predict({
      timed: tally.runs(),
      measured,
      planned: bulk,
      settings,
      pools,
      slots,
      seed,
    });
    this.#folder.write('forecast', prediction);
    const succeeded = measured.filter((run) => run.outcome === 'succeeded').length;
    this.#print(
      `Measured ${measured.length} runs, ${perProject} of each project, after ${first.length} to fill the slots` +
        `${succeeded === measured.length ? '' : `; only ${succeeded} succeeded`}.`,
    );
    return prediction;
  }

  #judge(prediction: Prediction, runs: readonly EndedRun[]): DemoOutcome {
    return demoOutcome({
      marker: this.#folder.marker,
      dataFolder: this.#dataFolder,
      pools: this.#config.pools,
      prediction,
      runs,
      counts: this.#stage.counts(),
      observed: this.#watch?.peaks() ?? null,
      observerFailure: this.#watch?.failure() ?? null,
    });
  }

  #introduce(): void {
    const { projects } = this.#examples;
    const { restarts, slots, runs } = this.#folder.marker;
    const tenants = new Set(projects.map((project) => project.tenant)).size;
    const scarce = this.#config.pools
      .filter((pool) => pool.name !== 'runs')
      .map((pool) => `${pool.size} of ${pool.name}`);
    if (restarts > 0) {
      this.#print(`Continuing the demo that was begun in ${this.#dataFolder} and had not finished.\n`);
    }
    this.#print(
      this.#screen.wrapped(
        `${projects.length} projects of ${tenants} tenants, ${runs} real runs, slots for ${slots} at once; ` +
          `some runs need a scarce pool too: ${scarce.join(', ')}.`,
      ),
    );
    this.#print(this.#dim(`See what waits and why: npx penstock queue --data ${this.#shownFolder}\n`));
  }

  #forecastText(prediction: Prediction): string {
    const { runs, slots } = this.#folder.marker;
    return [
      '',
      `${this.#bold(`Forecast of ${runs} runs behind ${slots} slots`)}, all created now`,
      this.#dim(
        `The middle of ${prediction.replications} simulated futures; in brackets where 8 of 10 of them lie.`,
      ),
      predictionText(prediction, { runs }, this.#screen.paper),
      '',
    ].join('\n');
  }

  #outcomeText(outcome: DemoOutcome): string {
    return [
      this.#bold('Forecast and truth'),
      outcomeText(outcome, this.#screen.paper),
      '',
      this.#screen.paint('good', this.#screen.wrapped(savedSentence(outcome))),
      ...detailLines(outcome).map((line) => this.#dim(this.#screen.wrapped(line))),
    ].join('\n');
  }

  #print(text: string): void {
    this.#screen.print(text);
  }

  #bold(text: string): string {
    return this.#screen.paint('bold', text);
  }

  #dim(text: string): string {
    return this.#screen.paint('dim', text);
  }

  /** What somebody can do now that all is done and it goes on serving. */
  servingText(): string {
    const { url } = this.#stage;
    const data = `--data ${this.#shownFolder}`;
    return [
      '',
      'It goes on serving until Ctrl-C. In another terminal, try:',
      `  npx penstock run list ${data}`,
      `  npx penstock run logs demo-001 ${data}`,
      ...(url === null ? [] : [`  curl ${url}/v1/runs    (or open ${url}/openapi.json)`]),
    ].join('\n');
  }

  /** Starts nothing more, lets what runs finish, and says how to go on. */
  async interrupt(signal: string): Promise<CodedError> {
    const { total, finished } = this.#stage.counts();
    this.#print(`\n${signal}: starting nothing more, letting what runs finish. Once more leaves at once.`);
    const going = await this.#stage.drain(DRAIN_MS);
    const left = going === 0 ? 'nothing runs any more' : `${going} go on by themselves`;
    return new CodedError(
      'interrupted',
      `Stopped in the middle (${finished} of ${total} runs were done), ${left}; the same command continues it.`,
    );
  }

  async close(): Promise<void> {
    await this.#watch?.stop();
    await this.#stage.close();
    await this.#depot?.close();
  }
}
