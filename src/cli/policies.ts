/** What the commands about registered policies share: paths, pages, and the documents of a file. */
import { PoliciesSchema } from '../api/contract/policies.ts';
import { CodedError } from '../core/errors/catalogue.ts';
import { registrable } from '../documents/policy/registrable.ts';
import type { Client } from './client.ts';
import { openPolicyFile } from './policy-file.ts';

const PAGE = 200;

export function policyPath(name: string, query: Readonly<Record<string, string>> = {}): string {
  const text = new URLSearchParams(query).toString();
  return `/v1/policies/${encodeURIComponent(name)}${text === '' ? '' : `?${text}`}`;
}

export function policySamplesPath(name: string): string {
  return `${policyPath(name)}/samples`;
}

/** All pages as one. */
export async function allPolicies(client: Client) {
  const pages = [];
  let after: string | null = null;
  do {
    const query: string = after === null ? '' : `&after=${after}`;
    const page = await client.ask(PoliciesSchema, `/v1/policies?limit=${PAGE}${query}`);
    pages.push(page);
    after = page.next;
  } while (after !== null);
  const brokenFiles = pages.at(-1)?.brokenFiles ?? [];
  return { policies: pages.flatMap(({ policies }) => policies), brokenFiles };
}

export function ifVersion(version: number | undefined, policies = 1): Readonly<Record<string, string>> {
  if (version === undefined) return {};
  if (Number.isSafeInteger(version) && version > 0 && policies === 1) return { 'if-match': `"${version}"` };
  const message =
    policies === 1
      ? '--if-version must be the number of a version, as "penstock policy list" shows it'
      : `--if-version has no place here: the file has ${policies} policies`;
  throw new CodedError('usage', message);
}

/** Each policy of a file as a document of its own, with the Pipeline it names put into it. @throws CodedError */
export async function documentsOf(file: string, nowMs: number) {
  const { policies, refusal } = registrable(file, await openPolicyFile(file, nowMs));
  if (refusal !== null) throw refusal;
  if (policies.length > 0)
    return policies.map((read) => ({ name: read.policy.name, document: sendable(read) }));
  throw new CodedError('policy-invalid', `${file}: has no policy.`);
}

type Read = ReturnType<typeof registrable>['policies'][number];

function sendable({ policy, document, executedSpec }: Read): object {
  const whole = document as { readonly spec?: { readonly content?: object } };
  if (policy.content.kind !== 'pipeline-file') return whole;
  const { params } = policy.content;
  return { ...whole, spec: { ...whole.spec, content: { pipelineSpec: executedSpec, params } } };
}
