/** `penstock demo`: 300 real runs behind 20 slots on this machine, forecast before and true after. */
import { type Command, Option } from 'commander';
import { example, wholeNumber } from '../options.ts';

interface Options {
  readonly data: string;
  readonly once?: boolean;
  readonly json?: boolean;
  readonly port?: string;
  readonly seed?: number;
  readonly examples?: string;
  readonly runs: number;
  readonly perProject: number;
  readonly slots: number;
  readonly timeout: number;
}

const DATA_FOLDER = '.penstock-demo';
const SEED_MAX = 2 ** 31 - 1;

export function register(program: Command): void {
  const command = program
    .command('demo')
    .description('run 300 real runs behind 20 slots on this machine, forecast before and true after')
    .option('--once', 'end when it is done, instead of serving what it did until Ctrl-C')
    .option('--json', 'print one JSON document on stdout and nothing else there')
    .option('--data <folder>', 'data folder of the demo; one that was killed is continued there', DATA_FOLDER)
    .option('--port <port>', 'read-only HTTP on loopback; 0 takes any free port, "off" none')
    .action(demo);
  const hidden = [
    new Option('--seed <n>', 'what the depot and the order of the runs depend on').argParser(
      wholeNumber(0, SEED_MAX),
    ),
    new Option('--examples <folder>', 'other examples than those that come with Penstock'),
    new Option('--runs <n>', 'runs to forecast and to make').argParser(wholeNumber(1, 999)).default(300),
    new Option('--per-project <n>', 'runs of each project to measure')
      .argParser(wholeNumber(1, 50))
      .default(5),
    new Option('--slots <n>', 'runs at once').argParser(wholeNumber(1, 200)).default(20),
    new Option('--timeout <ms>', 'of each run').argParser(wholeNumber(100, 600_000)).default(10_000),
  ];
  for (const option of hidden) command.addOption(option.hideHelp());
  example(command, 'penstock demo', 'penstock demo --once --json > demo.json');
}

async function demo(options: Options): Promise<void> {
  const [{ Demo }, { Screen }, { stopSignal }] = await Promise.all([
    import('../demo/demo.ts'),
    import('../demo/screen.ts'),
    import('../stop-signal.ts'),
  ]);
  const stopAsked = stopSignal();
  const screen = new Screen(options.json === true ? process.stderr : process.stdout);
  const running = await Demo.open(
    {
      data: options.data,
      examples: options.examples,
      port: options.port ?? (options.once === true ? 'off' : undefined),
      numbers: {
        seed: options.seed ?? Date.now() % SEED_MAX,
        runs: options.runs,
        perProject: options.perProject,
        timeoutMs: options.timeout,
        slots: options.slots,
      },
    },
    screen,
  );
  try {
    const done = await Promise.race([running.run(), stopAsked]);
    if (typeof done === 'string') throw await running.interrupt(done);
    if (options.json === true) process.stdout.write(`${JSON.stringify(done, null, 2)}\n`);
    if (options.once === true) return;
    screen.print(running.servingText());
    await stopAsked;
  } finally {
    await running.close();
  }
}
