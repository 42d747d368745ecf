/**
 * A policy file on disk with what it refers to: its policies, their hashes, and all problems,
 * those of the files it names included.
 *
 * Always true: only files below the policy's own folder are opened, or below the checkout
 * that a GitLab policy lies in; one that cannot be read is a warning, never an error.
 */
import { access } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { CodedError } from '../../core/errors/catalogue.ts';
import type { ResolvedContent } from '../../core/policy/hash-texts.ts';
import { isActive, type Json, type Policy, type PolicyContent } from '../../core/policy/model.ts';
import { isMapping } from '../schema-parts.ts';
import { sha256 } from '../sha256.ts';
import { readTextFile } from '../text-file.ts';
import { readYaml } from '../yaml/read-yaml.ts';
import { configHash, contentHash } from './hashes.ts';
import { readPolicies, readPolicyDocument } from './read-policies.ts';
import {
  contentPath,
  inFileOrder,
  type PolicyProblem,
  type PolicyReport,
  Problems,
  type ReadPolicy,
} from './report.ts';

export interface PolicyFile {
  readonly policies: readonly HashedPolicy[];
  /** In the order of the file. */
  readonly problems: readonly PolicyProblem[];
}

export interface HashedPolicy {
  readonly policy: Policy;
  /** As its author wrote it; of a file of GitLab's only this policy. */
  readonly document: Json;
  /** What a run of it executes; null where only the engine, or GitLab, knows. */
  readonly runContent: string | null;
  readonly runContentHash: string;
  /** The Pipeline's `spec` where its file was read. */
  readonly executedSpec: Json | null;
  readonly contentHash: string;
  readonly configHash: string;
  /** False while only the place of the content is known, and the hash stands for that. */
  readonly isContentKnown: boolean;
  /** It is enabled, and in a file of GitLab's among the few that act. */
  readonly isActive: boolean;
}

export interface PolicyFileOptions {
  /** How messages name the file. */
  readonly label: string;
  readonly nowMs: number;
  /** Throws a CodedError when the engine would refuse this Pipeline. */
  readonly checkPipeline: (text: string, label: string) => unknown;
}

/** @throws CodedError when the file itself cannot be read; what is wrong inside it are problems. */
export async function readPolicyFile(path: string, options: PolicyFileOptions): Promise<PolicyFile> {
  const text = await readTextFile(path, options.label, 'name a policy file');
  return hashed(readPolicies(text, options.nowMs), path, options);
}

/** One document that came as data: it has no folder, so what it executes must stand in it. */
export async function readSentPolicy(value: unknown, options: PolicyFileOptions): Promise<PolicyFile> {
  return hashed(readPolicyDocument(value, options.nowMs), null, options);
}

async function hashed(
  report: PolicyReport,
  path: string | null,
  options: PolicyFileOptions,
): Promise<PolicyFile> {
  const problems = [...report.problems];
  const policies: HashedPolicy[] = [];
  const all = report.policies.map(({ policy }) => policy);
  for (const read of report.policies) {
    const { policy } = read;
    const found = await look(read, path, options);
    if (found.problem !== null) {
      const more = new Problems(read.document);
      more.warning(found.problem.code, contentPath(read), found.problem.message);
      problems.push(...more.found);
    }
    policies.push({
      policy,
      document: documentOf(read),
      runContent: found.runContent,
      runContentHash: sha256(found.runContent ?? ''),
      executedSpec: found.resolved?.kind === 'pipeline' ? found.resolved.pipeline : null,
      contentHash: contentHash(policy, found.resolved),
      configHash: configHash(policy),
      isContentKnown: found.resolved !== null || policy.content.kind === 'pipeline-inline',
      isActive: isActive(policy, all),
    });
  }
  return { policies, problems: inFileOrder(problems) };
}

interface Found {
  readonly resolved: ResolvedContent;
  readonly runContent: string | null;
  readonly problem: {
    readonly code: 'include-unreadable' | 'content-refused';
    readonly message: string;
  } | null;
}

async function look({ policy }: ReadPolicy, path: string | null, options: PolicyFileOptions): Promise<Found> {
  const { content } = policy;
  switch (content.kind) {
    case 'gitlab-include': {
      const problem = path === null ? null : await missingInclude(content, path);
      return { resolved: null, runContent: null, problem };
    }
    case 'pipeline-reference':
      return { resolved: null, runContent: referenceText(content.name), problem: null };
    case 'pipeline-inline': {
      const runContent = inlineText(policy.name, content.spec);
      return { resolved: null, runContent, problem: refusal(runContent, 'pipelineSpec', options) };
    }
    case 'pipeline-file':
      return path === null ? NO_FOLDER : lookIntoFile(content.path, path, options);
  }
}

const NO_FOLDER: Found = {
  resolved: null,
  runContent: null,
  problem: {
    code: 'include-unreadable',
    message:
      'counts from the folder of a file, and this policy was sent without one; put it under pipelineSpec',
  },
};

const IN_CHECKOUT = `${sep}${join('.gitlab', 'security-policies', 'policy.yml')}`;

/** Known only where the file lies in a checkout of its project: everywhere else GitLab alone can say. */
async function missingInclude(
  { file, project }: Extract<PolicyContent, { readonly kind: 'gitlab-include' }>,
  path: string,
): Promise<Found['problem']> {
  const whole = resolve(path);
  if (!whole.endsWith(IN_CHECKOUT)) return null;
  try {
    await access(join(whole.slice(0, -IN_CHECKOUT.length), file));
    return null;
  } catch {
    const message = `cannot be read in this checkout; unless ${project} is another project than the one of this policy file, GitLab will not find it either`;
    return { code: 'include-unreadable', message };
  }
}

async function lookIntoFile(relative: string, path: string, options: PolicyFileOptions): Promise<Found> {
  let text: string;
  try {
    text = await readTextFile(
      join(dirname(path), relative),
      relative,
      'the path counts from the folder of the policy',
    );
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    const problem = { code: 'include-unreadable', message: `cannot be read: ${sentence(error)}` } as const;
    return { resolved: null, runContent: null, problem };
  }
  return { resolved: pipelineIn(text), runContent: text, problem: refusal(text, relative, options) };
}

/** The part of the file that says what is executed, not what it is called. */
function pipelineIn(text: string): ResolvedContent {
  const [document] = readYaml(text).documents;
  if (!isMapping(document?.value)) return null;
  return { kind: 'pipeline', pipeline: document.value.spec as Json };
}

function refusal(text: string, label: string, { checkPipeline }: PolicyFileOptions): Found['problem'] {
  try {
    checkPipeline(text, label);
    return null;
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    return {
      code: 'content-refused',
      message: `is no Pipeline that the local engine can run: ${sentence(error)}`,
    };
  }
}

function referenceText(name: string): string {
  const spec = { pipelineRef: { name } };
  return JSON.stringify({ apiVersion: 'tekton.dev/v1', kind: 'PipelineRun', metadata: { name }, spec });
}

function documentOf({ policy, document, path }: ReadPolicy): Json {
  if (policy.format === 'penstock') return document.value as Json;
  const [kind, place] = path;
  const list = isMapping(document.value) ? document.value[String(kind)] : null;
  const item: unknown = Array.isArray(list) ? list[Number(place)] : null;
  return { [String(kind)]: [item as Json] };
}

/** JSON is YAML; the places in it are nobody's. */
function inlineText(name: string, spec: Json): string {
  return JSON.stringify({ apiVersion: 'tekton.dev/v1', kind: 'Pipeline', metadata: { name }, spec });
}

function sentence({ message }: CodedError): string {
  return message.replace(/\.$/, '').replace(/^pipelineSpec:\d+:\d+: /, '');
}
