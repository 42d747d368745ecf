/**
 * Tells others on the same database what was changed, and hears what they changed, by
 * PostgreSQL's NOTIFY.
 *
 * Always true: a connection that ends is opened again, and then it is said that something may
 * have been missed; who cannot be told hears nothing, and no change fails for that.
 */
import { randomBytes } from 'node:crypto';
import type { Log } from '../../../ports/log.ts';
import type { Heard, Others, SharedChange } from '../others.ts';
import { oneLine } from './postgres-error.ts';
import { Session } from './session.ts';
import type { PostgresSettings } from './settings.ts';

const CHANNEL = 'penstock_changes';
const AGAIN_AFTER_MS = 2_000;
/** PostgreSQL takes 8,000 bytes. */
const PAYLOAD_BYTES_MAX = 7_500;
const REFS_TOGETHER = 20;

export interface ListeningOptions {
  /** Sends one notice; may fail. */
  readonly notify: (channel: string, payload: string) => Promise<unknown>;
  /** Null where nobody listens here, as in a short command: it only tells. */
  readonly log: Log | null;
}

export class ListeningOthers implements Others {
  readonly #settings: PostgresSettings;
  readonly #options: ListeningOptions;
  readonly #me = randomBytes(6).toString('hex');
  #listener: (change: Heard) => void = () => {};
  #session: Session | null = null;
  #hasListened = false;
  #failed = false;
  #isClosed = false;
  #timer: NodeJS.Timeout | undefined;
  #telling: Promise<unknown> = Promise.resolve();

  constructor(settings: PostgresSettings, options: ListeningOptions) {
    this.#settings = settings;
    this.#options = options;
  }

  onHeard(listener: (change: Heard) => void): void {
    this.#listener = listener;
    if (this.#options.log !== null) this.#listen();
  }

  tell(change: SharedChange): void {
    for (const part of inParts(change)) {
      const payload = JSON.stringify({ from: this.#me, ...part });
      if (Buffer.byteLength(payload) > PAYLOAD_BYTES_MAX) continue;
      this.#telling = Promise.allSettled([this.#telling, this.#options.notify(CHANNEL, payload)]);
    }
  }

  /** What was told is on its way before it returns. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#telling;
    await this.#session?.close();
  }

  #listen(): void {
    const options = {
      name: 'penstock listens',
      idleMs: null,
      onEnd: () => this.#again(),
      onNotice: (payload: string) => this.#hear(payload),
    };
    this.#begin(options).catch((error: unknown) => {
      const log = this.#options.log;
      if (!this.#failed) log?.warn({ error: oneLine(error) }, 'What others change is not heard');
      this.#failed = true;
      this.#again();
    });
  }

  async #begin(options: Parameters<typeof Session.open>[1]): Promise<void> {
    const session = await Session.open(this.#settings, options);
    if (this.#isClosed) return session.close();
    this.#session = session;
    await session.query(`listen ${CHANNEL}`);
    this.#failed = false;
    if (this.#hasListened) this.#listener({ kind: 'missed' });
    this.#hasListened = true;
  }

  #again(): void {
    this.#session = null;
    clearTimeout(this.#timer);
    if (!this.#isClosed) this.#timer = setTimeout(() => this.#listen(), AGAIN_AFTER_MS);
  }

  #hear(payload: string): void {
    const heard = parsed(payload);
    if (heard !== null && heard.from !== this.#me) this.#listener(heard);
  }
}

function inParts(change: SharedChange): readonly SharedChange[] {
  if (change.kind !== 'occurrences') return [change];
  const parts: SharedChange[] = [];
  for (let at = 0; at < change.refs.length; at += REFS_TOGETHER) {
    parts.push({ kind: change.kind, refs: change.refs.slice(at, at + REFS_TOGETHER) });
  }
  return parts;
}

/** Null for what is none of ours, or of another version. */
function parsed(payload: string): (Heard & { readonly from: string }) | null {
  try {
    const value = JSON.parse(payload) as Partial<SharedChange> & { readonly from: string };
    const isKnown =
      value.kind === 'policies' ||
      (value.kind === 'test-run' && typeof value.id === 'string') ||
      (value.kind === 'occurrences' && Array.isArray(value.refs));
    return isKnown ? (value as Heard & { readonly from: string }) : null;
  } catch {
    return null;
  }
}
