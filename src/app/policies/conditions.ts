/** Conditions of a change, as `If-Match` and `If-None-Match` state them. */
import { CodedError } from '../../core/errors/catalogue.ts';
import type { PolicyOutline } from '../../ports/policy-store.ts';
import type { Condition } from './registered-policy.ts';

/** @throws CodedError when it does not hold; `there` is what lives under the name. */
export function checkCondition(name: string, there: PolicyOutline | null, condition: Condition): void {
  switch (condition.kind) {
    case 'none':
      return;
    case 'exists':
      if (there === null) throw changed(`Policy "${name}" is not there; without If-Match it is created.`);
      return;
    case 'absent':
      if (there !== null) throw changed(`Policy "${name}" is there already, in version ${there.version}.`);
      return;
    case 'version': {
      if (there === null)
        throw changed(`Policy "${name}" is not there any more; without If-Match it is created.`);
      if (condition.versions.includes(there.version)) return;
      throw changed(
        `Policy "${name}" was changed meanwhile and is in version ${there.version}; read it again and decide anew.`,
      );
    }
  }
}

function changed(message: string): CodedError {
  return new CodedError('policy-changed', message, { field: 'If-Match' });
}
