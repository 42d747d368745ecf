/**
 * Proves that the watch has shown everything that was written until now, without listing it all.
 *
 * A watch tells the changes of one collection in the order of their versions. So Penstock
 * writes a line of its own on a run that waits, and when the watch shows that write, it has
 * shown all that was written before. A bookmark would say the same, a minute late.
 *
 * Always true: what is written differs each time, and the answer is believed only if it bears
 * it; a write without effect would have an old version and prove nothing.
 * Ordering: Kubernetes API concepts, "Efficient detection of changes"; versions as numbers: KEP-5504.
 */
import type { Cluster } from './kubernetes/api.ts';
import { rawObject } from './kubernetes/reflector/raw-object.ts';
import type { Reflection } from './kubernetes/reflector/reflection.ts';
import type { Time } from './kubernetes/time.ts';
import { CONTROLLER, LOOKED_AT, pipelineRunPath } from './names.ts';
import type { SeenRun } from './runs/seen-run.ts';

/** Milliseconds while all is well; a list does it otherwise. */
const PROOF_MS = 2_000;

export interface ProofParts {
  readonly cluster: Cluster;
  /** Tells this process from all others. */
  readonly identity: string;
  readonly time: Time;
}

export class ProofOfSight {
  readonly #parts: ProofParts;
  #writes = 0;

  constructor(parts: ProofParts) {
    this.#parts = parts;
  }

  /** False when it could not be proved in time: by then only a list can tell. */
  async give(runs: Reflection<SeenRun>, on: SeenRun, signal: AbortSignal): Promise<boolean> {
    const controller = new AbortController();
    const giveUp = (): void => controller.abort();
    const cancel = this.#parts.time.after(PROOF_MS, giveUp);
    signal.addEventListener('abort', giveUp);
    try {
      const version = await this.#write(on, controller.signal);
      if (version === null) return false;
      await runs.reached(version, controller.signal);
      return true;
    } catch {
      return false;
    } finally {
      cancel();
      signal.removeEventListener('abort', giveUp);
    }
  }

  /** The version of the write; null when it took no effect, or nobody knows. */
  async #write(run: SeenRun, signal: AbortSignal): Promise<string | null> {
    this.#writes += 1;
    const text = `${this.#parts.identity} ${this.#writes}`;
    const answer = await this.#parts.cluster.request({
      method: 'PATCH',
      path: pipelineRunPath(run.namespace, run.name),
      query: { fieldManager: CONTROLLER },
      contentType: 'application/merge-patch+json',
      body: { metadata: { uid: run.uid, annotations: { [LOOKED_AT]: text } } },
      timeoutMs: PROOF_MS,
      signal,
    });
    if (answer.kind !== 'ok') return null;
    const { metadata } = rawObject(answer.body);
    return metadata.annotations?.[LOOKED_AT] === text ? metadata.resourceVersion : null;
  }
}
