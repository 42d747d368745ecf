/** Opens the policy file of a command, with Pipelines checked as the local engine reads them. */
import { readRunFile } from '../compose.ts';
import { type PolicyFile, readPolicyFile } from '../documents/policy/policy-file.ts';

/** @throws CodedError when the file cannot be read at all. */
export function openPolicyFile(path: string, nowMs: number): Promise<PolicyFile> {
  return readPolicyFile(path, { label: path, nowMs, checkPipeline: readRunFile });
}
