/**
 * Debian's Prometheus, scraping Tekton's controller often enough for a test, and whatever
 * a test adds: a file in the folder of targets is read as soon as it is there.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { stringify } from 'yaml';
import { cacheFolder } from '../binaries/cache.ts';
import { type Context, LOOPBACK, planOf } from './context.ts';
import type { ProcessPlan, ProcessRecord } from './process.ts';
import { until } from './until.ts';

const SCRAPE_SECONDS = 2;
const READY_MS = 60_000;

export const scrapeTargetsIn = (folder: string): string => join(folder, 'scrape-targets');

/** The program, from the search path or unpacked by scripts/install-test-tools.sh; null when absent. */
export function prometheusProgram(): string | null {
  const places = [...(process.env.PATH ?? '').split(delimiter), join(cacheFolder(), 'debian', 'usr', 'bin')];
  return places.map((place) => join(place, 'prometheus')).find((path) => existsSync(path)) ?? null;
}

export function prometheus(context: Context, command: string): ProcessPlan {
  const { folder, ports } = context.layout;
  const targets = scrapeTargetsIn(folder);
  mkdirSync(targets, { recursive: true });
  const file = join(folder, 'prometheus.yaml');
  const tekton = `${LOOPBACK}:${ports['tekton-controller-metrics']}`;
  const configuration = {
    global: { scrape_interval: `${SCRAPE_SECONDS}s`, scrape_timeout: `${SCRAPE_SECONDS}s` },
    scrape_configs: [
      { job_name: 'tekton-pipelines-controller', static_configs: [{ targets: [tekton] }] },
      { job_name: 'added', file_sd_configs: [{ files: [join(targets, '*.json')] }] },
    ],
  };
  writeFileSync(file, stringify(configuration));
  return planOf(context, 'prometheus', {
    command,
    args: [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(folder, 'prometheus')}`,
      '--storage.tsdb.retention.time=1d',
      `--web.listen-address=${LOOPBACK}:${ports.prometheus}`,
      '--log.level=warn',
    ],
  });
}

export async function prometheusAnswers({ layout }: Context, process: ProcessRecord): Promise<void> {
  const url = `http://${LOOPBACK}:${layout.ports.prometheus}/-/ready`;
  await until({ what: 'Prometheus', withinMs: READY_MS, of: [process] }, async () =>
    (await fetch(url)).ok ? true : null,
  );
}
