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
  'request-invalid': { status: 400, title: 'The request is not valid' },
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
  'not-ready': { status: 503, title: 'Not ready yet' },
  'port-in-use': { status: 500, title: 'The port is in use' },
  'data-unwritable': { status: 500, title: 'The data folder cannot be written' },
  'data-in-use': { status: 409, title: 'The data folder is in use' },
  'data-too-new': { status: 500, title: 'The data folder is of a newer Penstock' },
  'data-damaged': { status: 500, title: 'The data folder is damaged' },
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

/** An expected failure. `message` is one line for the user; `field` is the path of what is wrong, if any. */
export class CodedError extends Error {
  override readonly name = 'CodedError';
  readonly code: ErrorCode;
  readonly field: string | null;

  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly field?: string; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.field = options.field ?? null;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }
}
