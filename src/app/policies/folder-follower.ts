/**
 * Keeps the registry equal to a watched folder.
 *
 * Always true: hints and a slow pace only say "read again"; a folder that cannot be read
 * changes nothing; what is wrong is said once in the log, and as long as it lasts in the list of
 * policies and in a metric.
 */
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { PolicyFolder } from '../../ports/policy-folder.ts';
import { errorText } from '../admission/bounded-wait.ts';
import { Triggers } from '../admission/triggers.ts';
import { type Duty, SOLE_DUTY } from '../duty.ts';
import { planFolder } from './follow-folder.ts';
import type { PolicyFileView } from './registered-policy.ts';
import type { PolicyRegistry } from './registry.ts';

export interface FolderFollowerParts {
  readonly folder: PolicyFolder;
  /** As people are told. */
  readonly path: string;
  readonly registry: PolicyRegistry;
  readonly clock: Clock;
  readonly log: Log;
  /** Absent: nobody else has this registry. */
  readonly duty?: Duty;
}

/** Where watching does not work, as over a network, changes are seen this late. */
const LOOK_EVERY_MS = 15_000;
/** Editors write in several steps, and a checkout changes many files. */
const SETTLE_MS = 200;

export class FolderFollower {
  readonly #parts: FolderFollowerParts;
  readonly #triggers: Triggers;
  #broken: readonly PolicyFileView[] = [];
  #said = '';
  #unsubscribe: () => void = () => {};
  #cancelSettling: () => void = () => {};

  constructor(parts: FolderFollowerParts) {
    this.#parts = parts;
    this.#triggers = new Triggers(parts.clock, () => this.#look());
  }

  start(): void {
    const { folder, clock } = this.#parts;
    this.#unsubscribe = folder.onChange(() => {
      this.#cancelSettling();
      this.#cancelSettling = clock.at(clock.nowMs() + SETTLE_MS, () => this.#triggers.wake());
    });
    this.#triggers.wake();
  }

  /** Reads the folder now; resolves when the registry has what stands in it. */
  looked(): Promise<void> {
    return this.#triggers.passed();
  }

  /** Files that could not be taken as they are at the last look. */
  brokenFiles(): readonly PolicyFileView[] {
    return this.#broken;
  }

  async stop(): Promise<void> {
    this.#unsubscribe();
    this.#cancelSettling();
    await this.#triggers.stop();
    await this.#parts.folder.close();
  }

  async #look(): Promise<void> {
    const { clock, duty = SOLE_DUTY } = this.#parts;
    try {
      // Folders of two processes may differ for a while; the one of whoever leads counts.
      if (duty.acts()) await this.#read();
    } catch (error) {
      this.#parts.log.warn({ error: errorText(error) }, 'The policy folder could not be followed');
    }
    this.#triggers.wakeAt(clock.nowMs() + LOOK_EVERY_MS);
  }

  async #read(): Promise<void> {
    const { folder, path, registry } = this.#parts;
    const { outlines } = await registry.state();
    const known = new Set(
      outlines.flatMap(({ source, deletedAtMs }) =>
        source.kind === 'file' && deletedAtMs === null ? [source.file] : [],
      ),
    );
    const reading = await folder.read(known);
    if (reading.kind === 'unreadable') {
      const problem = `The folder ${path} cannot be read: ${reading.why}`;
      this.#tell([{ file: path, keptPolicies: known.size, problems: [problem] }]);
    } else this.#tell(await registry.change((state, nowMs) => planFolder(state, reading.files, nowMs)));
  }

  #tell(broken: readonly PolicyFileView[]): void {
    this.#broken = broken;
    const text = JSON.stringify(broken);
    if (text === this.#said) return;
    this.#said = text;
    for (const { file, problems, keptPolicies } of broken) {
      const [problem] = problems;
      this.#parts.log.warn(
        { file, problem, problems: problems.length, keptPolicies },
        'A policy file is broken',
      );
    }
    if (broken.length === 0) this.#parts.log.info({}, 'All policy files are read');
  }
}
