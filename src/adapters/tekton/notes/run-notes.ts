/**
 * Writes on runs why they wait and when they start, within a budget of API writes for the
 * whole cluster.
 *
 * Always true: each round gives the writer no more than it can send until the next, the most
 * urgent first; what did not fit is judged anew in the next round, so nothing old is sent late.
 */
import type { RunId } from '../../../core/model/run.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { RunNote } from '../../../ports/engine.ts';
import type { Figure } from '../../../ports/figures.ts';
import type { BudgetedWriter, Write } from '../kubernetes/writer/writer.ts';
import { CONTROLLER, pipelineRunPath } from '../names.ts';
import type { SeenRun } from '../runs/seen-run.ts';
import { eventMessage, noteAnnotations } from './note-texts.ts';
import { eventWrite } from './run-event.ts';
import { type Told, URGENCIES, type Urgency, urgencyOf } from './worth-writing.ts';

export interface RunNotesParts {
  readonly writer: BudgetedWriter;
  readonly clock: Clock;
  readonly run: (id: RunId) => SeenRun | null;
  /** Most writes that may wait at a time: what the budget sends until the next round. */
  readonly waitingMax: number;
}

interface Candidate {
  readonly run: SeenRun;
  readonly note: RunNote;
  readonly urgency: Urgency;
}

export class RunNotes {
  readonly #parts: RunNotesParts;
  #told = new Map<string, Told>();

  constructor(parts: RunNotesParts) {
    this.#parts = parts;
  }

  figures(): readonly Figure[] {
    const { waiting, ...ends } = this.#parts.writer.counts();
    return [
      ...Object.entries(ends).map(
        ([outcome, value]): Figure => ({ name: 'penstock_note_writes_total', labels: { outcome }, value }),
      ),
      { name: 'penstock_note_writes_waiting', labels: {}, value: waiting },
    ];
  }

  explain(notes: readonly RunNote[]): void {
    const { writer, waitingMax } = this.#parts;
    const told = new Map<string, Told>();
    const candidates = new Map<Urgency, Candidate[]>(URGENCIES.map((urgency) => [urgency, []]));
    const nowMs = this.#parts.clock.nowMs();
    for (const note of notes) {
      const run = this.#parts.run(note.id);
      if (run === null || !run.isPending) continue;
      const before = this.#told.get(run.uid);
      // After a restart, what stands on the run is taken for what was told.
      told.set(run.uid, before ?? { reasonKey: note.reasonKey });
      const urgency = urgencyOf(note, run.notes, before, nowMs);
      if (urgency !== null) candidates.get(urgency)?.push({ run, note, urgency });
    }
    this.#told = told;
    let room = waitingMax - writer.counts().waiting;
    for (const candidate of URGENCIES.flatMap((urgency) => candidates.get(urgency) ?? [])) {
      if (room <= 0) return;
      room -= this.#tell(candidate, nowMs);
    }
  }

  started(run: SeenRun, heldForMs: number): void {
    const message = `Capacity is available: started by Penstock after ${Math.round(heldForMs / 1000)} s in the queue.`;
    const event = { reason: 'Started', message, atMs: this.#parts.clock.nowMs() } as const;
    this.#parts.writer.forget(`note ${run.uid}`);
    this.#parts.writer.put(`started ${run.uid}`, eventWrite(run, event));
  }

  /** How many writes it took. */
  #tell({ run, note, urgency }: Candidate, nowMs: number): number {
    const { writer } = this.#parts;
    this.#told.set(run.uid, { reasonKey: note.reasonKey });
    writer.put(`note ${run.uid}`, noteWrite(run, note));
    if (urgency === 'times') return 1;
    const reason = urgency === 'untold' ? 'Held' : 'StillHeld';
    writer.put(`event ${run.uid}`, eventWrite(run, { reason, message: eventMessage(note), atMs: nowMs }));
    return 2;
  }
}

/** With its uid, so that a run made again under the same name is not told another's times. */
function noteWrite(run: SeenRun, note: RunNote): Write {
  return {
    method: 'PATCH',
    path: pipelineRunPath(run.namespace, run.name),
    query: { fieldManager: CONTROLLER },
    contentType: 'application/merge-patch+json',
    body: { metadata: { uid: run.uid, annotations: noteAnnotations(note) } },
  };
}
