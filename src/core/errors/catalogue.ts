/**
 * The one catalogue of errors a user can meet. Each has a stable code, an HTTP status,
 * and a sentence that names the field or thing and says what to do. Nothing else is
 * ever shown to a user as an error; a stack trace never is.
 */
export const ERRORS = {
  'config-invalid': { status: 422, title: 'The configuration is not valid' },
  'file-not-found': { status: 404, title: 'There is no such file' },
  'file-unreadable': { status: 422, title: 'The file cannot be read' },
  'file-unwritable': { status: 500, title: 'The file cannot be written' },
  'table-invalid': { status: 422, title: 'The file is not the table that is needed' },
  'yaml-invalid': { status: 422, title: 'The file is not valid YAML' },
  'pipeline-invalid': { status: 422, title: 'The pipeline is not valid' },
  'pipeline-unsupported': { status: 422, title: 'The pipeline uses a field this engine cannot honour' },
  'policy-invalid': { status: 422, title: 'The policy is not valid' },
  'assessment-impossible': { status: 422, title: 'There is nothing that can be assessed' },
  'policy-unknown': { status: 404, title: 'There is no such policy' },
  'policy-changed': { status: 412, title: 'The policy is not in the version that was meant' },
  'policy-in-file': { status: 409, title: 'The policy comes from a file and is changed there' },
  'policy-not-executable': { status: 422, title: 'The policy cannot be executed by this engine' },
  'policy-inactive': { status: 409, title: 'The policy does not launch anything now' },
  'occurrence-unknown': { status: 404, title: 'The policy has no such occurrence' },
  'policies-full': { status: 429, title: 'There are too many policies' },
  'request-invalid': { status: 400, title: 'The request is not valid' },
  'request-too-large': { status: 413, title: 'The request is too large' },
  'media-type-unsupported': { status: 415, title: 'The body is in a format that is not understood' },
  'headers-too-large': { status: 431, title: 'The headers of the request are too large' },
  unauthenticated: { status: 401, title: 'A token is needed' },
  forbidden: { status: 403, title: 'It is not allowed' },
  'not-owner': { status: 403, title: 'Only an owner of the project may do that' },
  'project-out-of-scope': { status: 422, title: 'The project is not in the scope of the policy' },
  'test-run-unknown': { status: 404, title: 'There is no such test run' },
  'test-run-finished': { status: 409, title: 'The test run has ended already' },
  'test-run-too-soon': { status: 429, title: 'The policy was test-run less than an hour ago' },
  'key-taken': { status: 422, title: 'The idempotency key belongs to another request' },
  'rate-limited': { status: 429, title: 'Too many requests' },
  'streams-full': { status: 429, title: 'Too many streams of events are open' },
  'pool-unknown': { status: 422, title: 'Request for a pool that is not configured' },
  'priority-unknown': { status: 422, title: 'Priority that is not configured' },
  'run-unknown': { status: 404, title: 'There is no such run' },
  'run-exists': { status: 409, title: 'A different run with this name exists' },
  'run-finished': { status: 409, title: 'The run has finished already' },
  'run-not-held': { status: 409, title: 'The run is not held by Penstock' },
  'run-cannot-start': { status: 409, title: 'The run can never start as things are' },
  'paused-elsewhere': { status: 409, title: 'It is paused otherwise than by a command' },
  'controls-full': { status: 429, title: 'Too many orders stand' },
  'queue-full': { status: 429, title: 'The queue is full' },
  'read-only': { status: 403, title: 'This listener only answers questions' },
  'host-refused': { status: 403, title: 'Request under a foreign host name' },
  'not-found': { status: 404, title: 'There is nothing at this address' },
  'not-leading': { status: 503, title: 'Another Penstock leads' },
  'not-ready': { status: 503, title: 'Not ready yet' },
  'port-in-use': { status: 500, title: 'The port is in use' },
  'data-unwritable': { status: 500, title: 'The data folder cannot be written' },
  'data-in-use': { status: 409, title: 'The data folder is in use' },
  'data-too-new': { status: 500, title: 'The data folder is of a newer Penstock' },
  'data-damaged': { status: 500, title: 'The data folder is damaged' },
  'store-unreachable': { status: 503, title: 'The database does not answer' },
  'store-refused': { status: 500, title: 'The database does not let Penstock in, or will not do' },
  'server-unreachable': { status: 502, title: 'The server does not answer' },
  'kubeconfig-invalid': { status: 422, title: 'The kubeconfig is not valid' },
  'kubeconfig-unsupported': { status: 422, title: 'The kubeconfig uses a field Penstock does not support' },
  'kubernetes-login-missing': { status: 500, title: 'A package that signs in to the cluster is missing' },
  'cluster-access-invalid': { status: 500, title: 'There is no way to sign in to a cluster' },
  interrupted: { status: 503, title: 'It was stopped before it was done' },
  usage: { status: 400, title: 'The command was not understood' },
  internal: { status: 500, title: 'Penstock made a mistake' },
} as const satisfies Record<string, { readonly status: number; readonly title: string }>;

export type ErrorCode = keyof typeof ERRORS;

/** When a request that was refused for now may come again. */
export interface Retry {
  /** From the moment of the refusal; > 0. */
  readonly afterMs: number;
  /** The same as an instant, by the server's clock. */
  readonly atMs: number;
}

/** An expected failure. `message` is one line for the user; `field` is the path of what is wrong, if any. */
export class CodedError extends Error {
  override readonly name = 'CodedError';
  readonly code: ErrorCode;
  readonly field: string | null;
  readonly retry: Retry | null;

  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly field?: string; readonly retry?: Retry; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.field = options.field ?? null;
    this.retry = options.retry ?? null;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }
}
