/** What the log says of waiting runs, over a real queue. */
import { expect, test } from 'vitest';
import { Explainer } from '../../../src/app/explaining/explainer.ts';
import type { Engine } from '../../../src/ports/engine.ts';
import type { Log } from '../../../src/ports/log.ts';
import { aNewRun, Rig } from '../queries/rig.ts';

test('of hundreds that begin to wait at once a hundred are told singly, the others as a number, each once', async () => {
  const rig = new Rig({ loop: true, pools: { runs: 0 } });
  const { loop, penstock, scheduler: clock } = rig;
  if (loop === null) throw new Error('there is a loop');
  const lines: { readonly fields: object; readonly message: string }[] = [];
  const info: Log['info'] = (fields: object, message?: string) =>
    lines.push({ fields, message: message ?? '' });
  const log: Log = { debug: () => {}, info, warn: info, error: info };
  const notes: number[] = [];
  const engine = { can: { explain: (told) => notes.push(told.length) } } satisfies Pick<Engine, 'can'>;
  await rig.create(...Array.from({ length: 250 }, (_, i) => aNewRun(`run-${i}`)));
  await rig.pass(1_000);
  const explainer = new Explainer({ penstock, loop, engine, clock, log, everyMs: 2_000 });
  explainer.start();
  await rig.pass(120_000);
  explainer.stop();
  // On the runs themselves all of them are told, within the budget of writes.
  expect(notes[0]).toBe(250);
  const single = lines.filter(({ message }) => message.startsWith('Run waits: missing capacity on runs'));
  expect(single).toHaveLength(100);
  const others = lines.filter(({ message }) => message.startsWith('More runs wait'));
  expect(others.map(({ fields }) => fields)).toEqual([{ runs: 150 }]);
});
