/**
 * The example workspace that comes with Penstock, as the demo sees it: folders
 * `<tenant>/<project>` with a pipeline each, what the pipelines ask for, and the depot.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Requests } from '../../core/model/run.ts';
import { catalogueSchema, type DepotCatalogue } from './depot-catalogue.ts';

/** Sits at the same distance from the sources and from `dist`. */
const EXAMPLES_FOLDER = fileURLToPath(new URL('../../../examples/', import.meta.url));
const REQUESTS_PREFIX = 'requests.penstock.dev/';

export interface ExampleProject {
  /** "<tenant>/<name>". */
  readonly project: string;
  readonly tenant: string;
  readonly name: string;
  /** Where its sources are. */
  readonly folder: string;
  /** The pipeline, as YAML. */
  readonly content: string;
  /** Besides the one run that each asks for. */
  readonly requests: Requests;
  readonly parameters: readonly string[];
}

export interface Examples {
  readonly configFile: string;
  readonly folder: string;
  readonly toolsFolder: string;
  readonly depot: DepotCatalogue;
  /** In order of their names. */
  readonly projects: readonly ExampleProject[];
}

const pipelineSchema = z.object({
  metadata: z.object({ name: z.string(), annotations: z.record(z.string(), z.string()).optional() }),
  spec: z.object({ params: z.array(z.object({ name: z.string() })).optional() }),
});

/** @param pools names that requests may mean; in annotations "-" stands for their "/". */
export function readExamples(pools: readonly string[] = []): Examples {
  const folder = join(EXAMPLES_FOLDER, 'workspace');
  const toolsFolder = join(folder, 'tools');
  const tenants = foldersIn(folder).filter((name) => name !== 'tools');
  return {
    configFile: join(EXAMPLES_FOLDER, 'penstock.yaml'),
    folder,
    toolsFolder,
    depot: catalogueSchema.parse(parse(readFileSync(join(folder, 'depot.yaml'), 'utf8'))),
    projects: tenants.flatMap((tenant) =>
      foldersIn(join(folder, tenant)).map((name) => readProject({ folder, tenant, name, pools })),
    ),
  };
}

function foldersIn(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted();
}

function readProject(place: {
  readonly folder: string;
  readonly tenant: string;
  readonly name: string;
  readonly pools: readonly string[];
}): ExampleProject {
  const { tenant, name } = place;
  const folder = join(place.folder, tenant, name);
  const content = readFileSync(join(folder, 'pipeline.yaml'), 'utf8');
  const { metadata, spec } = pipelineSchema.parse(parse(content));
  return {
    project: `${tenant}/${name}`,
    tenant,
    name,
    folder,
    content,
    requests: requestsOf(metadata.annotations ?? {}, place.pools),
    parameters: (spec.params ?? []).map((parameter) => parameter.name),
  };
}

function requestsOf(annotations: Readonly<Record<string, string>>, pools: readonly string[]): Requests {
  const asked = pools
    .map((pool) => [pool, Number(annotations[REQUESTS_PREFIX + pool.replaceAll('/', '-')] ?? 0)] as const)
    .filter(([, units]) => units > 0);
  return Object.fromEntries(asked);
}
