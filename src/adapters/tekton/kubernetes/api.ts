/**
 * What the rest of the engine sees of a Kubernetes API server: one request and its outcome,
 * or one stream and its outcome.
 *
 * Always true: whatever a server, a network or a deadline can do comes back as a value. A
 * request that ended as `unsent` never had a byte of it written to the server; one that
 * ended as `unanswered` may have taken effect, or still may until its deadline has passed.
 */

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export type ContentType =
  | 'application/json'
  | 'application/json-patch+json'
  | 'application/merge-patch+json'
  | 'application/apply-patch+yaml';

export interface ApiRequest {
  readonly method: Method;
  /** From the server's root, each part encoded: `/apis/tekton.dev/v1/namespaces/builds/pipelineruns/a`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Of the body; `application/json` unless said. */
  readonly contentType?: ContentType;
  readonly signal: AbortSignal;
  /**
   * From now until the answer, waiting for a connection included. What is left of it when the
   * request is written is also sent as the API's own `timeout`, so that the server gives up too:
   * it takes effect by then, or (unless it was delayed on the wire) never.
   */
  readonly timeoutMs: number;
}

/** 2xx, with its JSON body (null where there is none). */
export interface Ok {
  readonly kind: 'ok';
  readonly status: number;
  readonly body: unknown;
  readonly serverDateMs: number | null;
}

/** The server answered that it did not do it. Its Status object, as far as it sent one. */
export interface ApiStatus {
  readonly kind: 'api-status';
  /** The HTTP status: 404, 409, 410, 422, 429, 500, ... */
  readonly code: number;
  /** Machine-readable, such as `NotFound`, `Conflict`, `Expired`; empty where the server sent none. */
  readonly reason: string;
  /** For a person, one bounded line. */
  readonly message: string;
  /** From the Retry-After header or the Status details. */
  readonly retryAfterMs: number | null;
  readonly serverDateMs: number | null;
}

/** Written, at least in part, and no whole answer came: it may have taken effect. */
export interface Unanswered {
  readonly kind: 'unanswered';
  readonly why: string;
}

/** Certain not to have been written: refused connection, failed handshake, given up while queued. */
export interface Unsent {
  readonly kind: 'unsent';
  readonly why: string;
}

export type ApiOutcome = Ok | ApiStatus | Unanswered | Unsent;

export interface StreamRequest {
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Ends the stream whenever it fires, also while its body is read. */
  readonly signal: AbortSignal;
  /** Until the answer's headers. */
  readonly timeoutMs: number;
}

export interface Streaming {
  readonly kind: 'streaming';
  /** Throws when the connection breaks or the signal fires; ends when the server ended it. */
  readonly chunks: AsyncIterable<Buffer>;
  readonly serverDateMs: number | null;
}

export type StreamOutcome = Streaming | ApiStatus | Unanswered | Unsent;

export interface Cluster {
  /** Address of the API server, for messages. */
  readonly server: string;
  /** The namespace that the credentials name; `default` where they name none. */
  readonly namespace: string;
  request(request: ApiRequest): Promise<ApiOutcome>;
  /** A GET whose answer is read as it comes: a watch, or a list too long to hold. */
  stream(request: StreamRequest): Promise<StreamOutcome>;
  /** Ends what is open; requests still waiting end as `unsent` or `unanswered`. */
  close(): Promise<void>;
}

export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Any object, as the server sent it: only the metadata's identity is certain to be there. */
export interface RawObject {
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}
