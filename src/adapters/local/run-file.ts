/**
 * Reads a file that somebody wants to run: checks all of it and tells what it says about
 * itself, so that a command line can ask for the rest.
 */
import type { Field } from './tekton/field.ts';
import type { ParamDeclaration } from './tekton/params.ts';
import { makePlan, readPipelineFile } from './tekton/pipeline-reader.ts';

export interface RunFile {
  /** The text itself, for `NewRun.content`. */
  readonly content: string;
  readonly name: string;
  /** metadata.namespace */
  readonly project: string | null;
  /** The label penstock.dev/priority. */
  readonly priority: string | null;
  /**
   * The annotations requests.penstock.dev/<pool>. Pools are as written there, where "/" is
   * written as "-": whoever knows the pools finds the one that is meant.
   */
  readonly requests: Readonly<Record<string, number>>;
  /** Of the whole pipeline; null for none. */
  readonly timeoutMs: number | null;
  readonly params: readonly ParamDeclaration[];
}

const PRIORITY_LABEL = 'penstock.dev/priority';
const REQUEST_PREFIX = 'requests.penstock.dev/';
const MOST_UNITS = 1_000_000;

export function readRunFile(text: string, fileName: string): RunFile {
  const file = readPipelineFile(text, fileName);
  const project = file.metadata.at('namespace');
  const plan = makePlan(file, {
    id: file.name,
    project: project.isThere ? project.name() : '',
    params: {},
    timeoutMs: null,
    env: {},
    missingParamsAllowed: true,
  });
  const labels = file.metadata.at('labels');
  const priority = labels.at(PRIORITY_LABEL);
  if (labels.isThere) labels.keys();
  return {
    content: text,
    name: file.name,
    project: project.isThere ? project.name() : null,
    priority: priority.isThere ? priority.text() : null,
    requests: readRequests(file.metadata.at('annotations')),
    timeoutMs: plan.timeouts.pipelineMs,
    // A value in a PipelineRun serves as a default for whoever asks.
    params: file.declared.map((param) => ({
      ...param,
      default: file.given.get(param.name) ?? param.default,
    })),
  };
}

function readRequests(annotations: Field): Readonly<Record<string, number>> {
  const requests: Record<string, number> = {};
  for (const key of annotations.isThere ? annotations.keys() : []) {
    if (!key.startsWith(REQUEST_PREFIX)) continue;
    const text = annotations.at(key).text();
    const units = /^[1-9][0-9]*$/.test(text) ? Number(text) : Number.NaN;
    if (!(units <= MOST_UNITS)) {
      throw annotations
        .at(key)
        .invalid(`must be a whole number from 1 to ${MOST_UNITS} in quotes, not "${text}"`);
    }
    requests[key.slice(REQUEST_PREFIX.length)] = units;
  }
  return requests;
}
