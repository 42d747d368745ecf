/** Reads the policy document of a request: one policy, right as a whole, or a refusal that names the field. */
import type { ReadPolicyRecord } from '../app/policies/registered-policy.ts';
import { CodedError } from '../core/errors/catalogue.ts';
import { type PolicyFileOptions, readSentPolicy } from '../documents/policy/policy-file.ts';
import { forbidsRegistration } from '../documents/policy/registrable.ts';

export interface SentPolicy {
  readonly read: ReadPolicyRecord;
  readonly warnings: readonly string[];
}

/** `name` is the one in the address. @throws CodedError policy-invalid */
export async function sentPolicy(
  name: string,
  document: unknown,
  options: Omit<PolicyFileOptions, 'label'>,
): Promise<SentPolicy> {
  const { policies, problems } = await readSentPolicy(document, { ...options, label: 'the document' });
  const [error, ...others] = problems.filter(forbidsRegistration);
  if (error !== undefined) {
    const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
    const field = error.field === '' ? {} : { field: error.field };
    throw new CodedError('policy-invalid', `${error.message}${more}`, field);
  }
  const [read, ...rest] = policies;
  if (read === undefined || rest.length > 0) {
    const message = `the document has ${policies.length} policies; it must have exactly one.`;
    throw new CodedError('policy-invalid', message);
  }
  if (read.policy.name !== name) {
    const shown = JSON.stringify(read.policy.name);
    const field = read.policy.format === 'penstock' ? 'metadata.name' : 'name';
    const message = `${field} is ${shown}; it must be ${JSON.stringify(name)}, as in the address.`;
    throw new CodedError('policy-invalid', message, { field });
  }
  return { read, warnings: problems.map(({ message }) => message) };
}
