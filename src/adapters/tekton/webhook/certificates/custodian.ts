/**
 * Keeps the webhook's certificates: reads the shared Secret, replaces what is due, has the API
 * server trust it, and only then hands the serving certificate to the listener.
 *
 * Always true: no replica is special and nothing is remembered between two rounds. Whoever
 * writes second is refused by the resource version and reads what the first wrote. The bundle
 * is written only over a configuration that was read before the Secret it comes from: so an
 * old one never replaces a newer one.
 */
import { assert } from '../../../../core/assert.ts';
import type { Log } from '../../../../ports/log.ts';
import type { ApiOutcome, ApiRequest, Cluster, Ok, RawObject } from '../../kubernetes/api.ts';
import { pause, type Time } from '../../kubernetes/time.ts';
import { HOLD, WEBHOOK, WEBHOOK_SECRET } from '../../names.ts';
import { trustedBy, trustPatch } from './configuration.ts';
import type { KeyPair } from './issue.ts';
import { fromSecretData, type Keyring, toSecretData, trustBundle } from './keyring.ts';
import { afterStep, type RotationFacts, rotationStep } from './rotation.ts';

/** Within so long a replica shows what another has made; two small reads each time. */
export const ROUND_MS = 30_000;
/** After a round that failed, or found that somebody else had been quicker. */
export const RETRY_MS = 1_000;
const REQUEST_TIMEOUT_MS = 10_000;
const FIELD_MANAGER = WEBHOOK;

export interface CustodianOptions {
  readonly cluster: Pick<Cluster, 'request'>;
  readonly namespace: string;
  /** The DNS names by which the API server calls the webhook. */
  readonly hosts: readonly string[];
  readonly time: Time;
  readonly log: Log;
  /** Called with the serving certificate whenever it is another than before. */
  readonly onServing: (serving: KeyPair) => void;
}

/** `settled`: the API server trusts what is served. */
export type RoundOutcome =
  | { readonly kind: 'settled' }
  | { readonly kind: 'overtaken' }
  | { readonly kind: 'failed'; readonly why: string };

export class Custodian {
  readonly #options: CustodianOptions;
  readonly #stop = new AbortController();
  #served: string | null = null;
  #settled = false;
  #lastWhy: string | null = null;

  constructor(options: CustodianOptions) {
    this.#options = options;
  }

  /** False until the API server trusts what is served, and again when that was found to be otherwise. */
  get settled(): boolean {
    return this.#settled;
  }

  /** Why the last round failed; null when it did not. */
  get failure(): string | null {
    return this.#lastWhy;
  }

  /** Rounds without end, until `stop`. Never rejects. */
  async run(): Promise<void> {
    const { time, log } = this.#options;
    while (!this.#stop.signal.aborted) {
      const outcome = await this.round();
      if (outcome.kind === 'failed' && !this.#stop.signal.aborted) {
        log.warn({ why: outcome.why }, 'The certificates of the webhook could not be looked after');
      }
      const waitMs = outcome.kind === 'settled' ? ROUND_MS : RETRY_MS;
      // Jitter, so that replicas started together do not stay together.
      await pause(time, waitMs * (0.75 + 0.5 * time.random()), this.#stop.signal);
    }
  }

  stop(): void {
    this.#stop.abort();
  }

  async round(): Promise<RoundOutcome> {
    // Whatever goes wrong here, the certificates that are served are good for weeks.
    const outcome = await this.#round().catch(
      (error: unknown): RoundOutcome => ({ kind: 'failed', why: String(error) }),
    );
    if (outcome.kind !== 'overtaken') this.#settled = outcome.kind === 'settled';
    this.#lastWhy = outcome.kind === 'failed' ? outcome.why : null;
    return outcome;
  }

  async #round(): Promise<RoundOutcome> {
    // In this order: see the header.
    const configuration = await this.#get(configurationPath());
    if (configuration.kind !== 'ok') return failed(`webhook configuration ${HOLD}`, configuration);
    const secret = await this.#get(secretPath(this.#options.namespace));
    if (secret.kind !== 'ok') return failed(`Secret ${WEBHOOK_SECRET}`, secret);

    const held = fromSecretData(dataOf(secret));
    const kept = await this.#rotated(held, { configuration, secret });
    if (kept.kind !== 'keyring') return kept;
    const published = await this.#publish(kept.keyring, configuration);
    if (published.kind !== 'settled') return published;
    this.#serve(kept.keyring.serving);
    return published;
  }

  async #rotated(
    held: Keyring | null,
    { configuration, secret }: { readonly configuration: Ok; readonly secret: Ok },
  ): Promise<
    { readonly kind: 'keyring'; readonly keyring: Keyring } | Exclude<RoundOutcome, { kind: 'settled' }>
  > {
    const { hosts, time, log } = this.#options;
    const facts: RotationFacts = {
      // The server's clock: it is the one that judges certificates, and the same for all replicas.
      nowMs: secret.serverDateMs ?? time.wallMs(),
      hosts,
      published: held !== null && trustedBy(configuration.body, trustBundle(held)),
    };
    const step = rotationStep(held, facts);
    if (step === 'keep') {
      assert(held !== null, 'what is kept is there');
      return { kind: 'keyring', keyring: held };
    }
    const keyring = await afterStep(step, held, facts);
    const written = await this.#request({
      method: 'PUT',
      path: secretPath(this.#options.namespace),
      query: { fieldManager: FIELD_MANAGER },
      body: { ...(secret.body as RawObject), data: toSecretData(keyring) },
    });
    if (isConflict(written)) return { kind: 'overtaken' };
    if (written.kind !== 'ok') return failed(`Secret ${WEBHOOK_SECRET}`, written);
    log.info({ step }, 'Certificates of the webhook replaced');
    return { kind: 'keyring', keyring };
  }

  async #publish(keyring: Keyring, configuration: Ok): Promise<RoundOutcome> {
    const bundle = trustBundle(keyring);
    if (trustedBy(configuration.body, bundle)) return { kind: 'settled' };
    const patched = await this.#request({
      method: 'PATCH',
      path: configurationPath(),
      query: { fieldManager: FIELD_MANAGER },
      contentType: 'application/json-patch+json',
      body: trustPatch(configuration.body as RawObject, bundle),
    });
    if (isConflict(patched)) return { kind: 'overtaken' };
    return patched.kind === 'ok' ? { kind: 'settled' } : failed(`webhook configuration ${HOLD}`, patched);
  }

  #serve(serving: KeyPair): void {
    if (serving.certificate === this.#served) return;
    this.#options.onServing(serving);
    this.#served = serving.certificate;
  }

  #get(path: string): Promise<ApiOutcome> {
    return this.#request({ method: 'GET', path });
  }

  #request(request: Omit<ApiRequest, 'signal' | 'timeoutMs'>): Promise<ApiOutcome> {
    const { cluster } = this.#options;
    return cluster.request({ ...request, signal: this.#stop.signal, timeoutMs: REQUEST_TIMEOUT_MS });
  }
}

function secretPath(namespace: string): string {
  return `/api/v1/namespaces/${namespace}/secrets/${WEBHOOK_SECRET}`;
}

function configurationPath(): string {
  return `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${HOLD}`;
}

/** 409: the resource version is another now. 422: so said a test of the JSON patch. */
function isConflict(outcome: ApiOutcome): boolean {
  return outcome.kind === 'api-status' && (outcome.code === 409 || outcome.code === 422);
}

function dataOf({ body }: Ok): Readonly<Record<string, unknown>> {
  return (body as { readonly data?: Readonly<Record<string, unknown>> }).data ?? {};
}

function failed(what: string, outcome: Exclude<ApiOutcome, Ok>): RoundOutcome & { kind: 'failed' } {
  const why = outcome.kind === 'api-status' ? `${outcome.code} ${outcome.message}` : outcome.why;
  return { kind: 'failed', why: `${what}: ${why}` };
}
