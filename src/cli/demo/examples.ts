/**
 * The example workspace that comes with Penstock, as the demo sees it: folders
 * `<tenant>/<project>` with a pipeline each, what the pipelines ask for, and the depot.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { readRunFile } from '../../compose.ts';
import type { Requests } from '../../core/model/run.ts';
import { poolsMeant } from '../pools-meant.ts';
import { catalogueSchema, type DepotCatalogue } from './depot-catalogue.ts';

/** Those that come with Penstock. They sit at the same distance from the sources and from `dist`. */
export const EXAMPLES_FOLDER = fileURLToPath(new URL('../../../examples/', import.meta.url));

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
  readonly folder: string;
  readonly toolsFolder: string;
  readonly depot: DepotCatalogue;
  /** In order of their names. */
  readonly projects: readonly ExampleProject[];
}

export function exampleConfigFile(examplesFolder: string): string {
  return join(examplesFolder, 'penstock.yaml');
}

/** @param pools names of the pools that the pipelines may mean by what they ask for */
export function readExamples(examplesFolder: string, pools: readonly string[]): Examples {
  const folder = join(examplesFolder, 'workspace');
  const toolsFolder = join(folder, 'tools');
  const tenants = foldersIn(folder).filter((name) => name !== 'tools');
  return {
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
  const file = join(folder, 'pipeline.yaml');
  const { content, requests, params } = readRunFile(readFileSync(file, 'utf8'), file);
  return {
    project: `${tenant}/${name}`,
    tenant,
    name,
    folder,
    content,
    requests: poolsMeant(requests, place.pools),
    parameters: params.map((param) => param.name),
  };
}
