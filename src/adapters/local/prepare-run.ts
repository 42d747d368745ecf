/**
 * From what is asked for to what is written: checks a new run and makes its files' text.
 */

import { CodedError } from '../../core/errors/catalogue.ts';
import { sha256 } from '../../documents/sha256.ts';
import type { NewRun } from '../../ports/engine.ts';
import type { PreparedRun } from './state/creation.ts';
import { RUN_ID_PATTERN } from './state/layout.ts';
import { makePlan, type PipelineFile, readPipelineFile } from './tekton/pipeline-reader.ts';

/** Stands for the file in messages: content that came as a request has no name. */
const CONTENT_NAME = 'content';
const SHOWN_LENGTH = 120;

/** For one batch: runs of the same content share the reading of it. */
export function runPreparer(
  nowMs: number,
  projectFolder: (project: string) => string | null,
): (run: NewRun) => PreparedRun {
  const files = new Map<string, PipelineFile>();
  return (run) => {
    checkId(run.id);
    const file = files.get(run.content) ?? readPipelineFile(run.content, CONTENT_NAME);
    files.set(run.content, file);
    return prepare(run, file, { nowMs, projectFolder: projectFolder(run.project) });
  };
}

function checkId(id: string): void {
  if (RUN_ID_PATTERN.test(id)) return;
  const shown = JSON.stringify(id.slice(0, SHOWN_LENGTH));
  const message = `id: must be 1 to 101 lower-case letters, digits, "-" and "." after a letter or digit, not ${shown}`;
  throw new CodedError('request-invalid', message, { field: 'id' });
}

interface Surroundings {
  readonly nowMs: number;
  readonly projectFolder: string | null;
}

function prepare(run: NewRun, file: PipelineFile, around: Surroundings): PreparedRun {
  const plan = makePlan(file, {
    id: run.id,
    project: run.project,
    params: run.params,
    timeoutMs: run.timeoutMs,
    env: {
      PENSTOCK_RUN: run.id,
      PENSTOCK_PROJECT: run.project,
      ...(around.projectFolder === null ? {} : { PENSTOCK_PROJECT_FOLDER: around.projectFolder }),
    },
    missingParamsAllowed: false,
  });
  const { id, project, tenant, priority, requests, content, params } = run;
  const sorted = (values: Readonly<Record<string, unknown>>) =>
    Object.entries(values).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const request = [id, project, tenant, priority, sorted(requests), content, sorted(params), run.timeoutMs];
  return {
    facts: {
      id,
      project,
      tenant,
      priority,
      requests,
      contentHash: sha256(content),
      requestHash: sha256(JSON.stringify(request)),
      timeoutMs: plan.timeouts.pipelineMs,
      heldSinceMs: around.nowMs,
    },
    plan: JSON.stringify(plan),
    content,
  };
}
