/**
 * The answer to one AdmissionReview (admission.k8s.io/v1).
 *
 * Always true: a run is never refused. Whatever we cannot make sense of is let through as it
 * is, with a warning that the API server shows to whoever created it; what becomes of a request
 * that is no AdmissionReview at all is for the configuration's failurePolicy to say.
 */
import { z } from 'zod';
import { asMapping } from '../holding/condition.ts';
import { type PatchOperation, patchBy, type Rule, ruleFor } from '../holding/rules.ts';

const VERSION = 'admission.k8s.io/v1';
const KIND = 'AdmissionReview';

/** Without these there is nobody to answer. The uid is sent back as it came. */
const REVIEW = z.object({
  apiVersion: z.literal(VERSION),
  kind: z.literal(KIND),
  request: z.object({
    uid: z.string().min(1).max(200),
    kind: z.unknown().optional(),
    operation: z.unknown().optional(),
    object: z.unknown().optional(),
  }),
});

export interface ReviewResponse {
  readonly apiVersion: typeof VERSION;
  readonly kind: typeof KIND;
  readonly response: {
    readonly uid: string;
    readonly allowed: true;
    readonly patchType?: 'JSONPatch';
    /** Base64 of the patch. */
    readonly patch?: string;
    readonly warnings?: readonly string[];
  };
}

/** What was done with the run, for the metrics. */
export type ReviewAnswer = 'changed' | 'unchanged' | 'not-ours';

export type Reviewed =
  | { readonly kind: 'answer'; readonly answer: ReviewAnswer; readonly response: ReviewResponse }
  | { readonly kind: 'no-review' };

export function review(rule: Rule, body: unknown): Reviewed {
  const parsed = REVIEW.safeParse(body);
  if (!parsed.success) return { kind: 'no-review' };
  const { uid, kind, operation, object } = parsed.data.request;
  const run = asMapping(object);
  const isRun = asMapping(kind)?.group === 'tekton.dev' && asMapping(kind)?.kind === 'PipelineRun';
  if (!isRun || operation !== 'CREATE' || run === null || asMapping(run.metadata) === null) {
    return answered(uid, 'not-ours', {
      warnings: ['Penstock was asked about something other than a new PipelineRun and left it alone'],
    });
  }
  const patch = ruleFor(run) === rule ? patchBy(rule, run) : [];
  return patch.length === 0 ? answered(uid, 'unchanged', {}) : answered(uid, 'changed', patched(patch));
}

function patched(patch: readonly PatchOperation[]) {
  return { patchType: 'JSONPatch' as const, patch: Buffer.from(JSON.stringify(patch)).toString('base64') };
}

function answered(
  uid: string,
  answer: ReviewAnswer,
  more: Omit<ReviewResponse['response'], 'uid' | 'allowed'>,
): Reviewed {
  const response = { uid, allowed: true as const, ...more };
  return { kind: 'answer', answer, response: { apiVersion: VERSION, kind: KIND, response } };
}
