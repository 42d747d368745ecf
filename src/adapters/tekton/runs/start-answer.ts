/**
 * What an answer to a start request means. Tekton's webhook refuses with 400, a failed `test`
 * is 422, and whatever may have taken effect although nobody knows is unknown, never refused.
 */
import type { StartOutcome } from '../../../ports/engine.ts';
import type { ApiOutcome } from '../kubernetes/api.ts';

/** A gateway that gave up, or a server that broke off: the patch may be committed. */
const MAY_HAVE_TAKEN_EFFECT: ReadonlySet<number> = new Set([408, 500, 502, 503, 504]);

export function startOutcome(answer: ApiOutcome): StartOutcome {
  switch (answer.kind) {
    case 'ok':
      return { kind: 'accepted' };
    case 'unsent':
      return { kind: 'refused', why: `the API server could not be reached: ${answer.why}` };
    case 'unanswered':
      return { kind: 'unknown', why: answer.why };
    case 'api-status':
      if (MAY_HAVE_TAKEN_EFFECT.has(answer.code)) {
        return { kind: 'unknown', why: `the API server answered ${answer.code}: ${answer.message}` };
      }
      return { kind: 'refused', why: refusal(answer.code, answer.message) };
  }
}

function refusal(code: number, message: string): string {
  if (code === 404) return 'the run is gone';
  if (code === 409 || code === 422) {
    return `it is not as it was seen, or the cluster's policy forbids it (${code}: ${message})`;
  }
  if (code === 429) return 'the API server asks to wait';
  return `the API server refused it (${code}: ${message})`;
}
