/** The process behind `commandHost`: commands in, what they printed and their exit status out. */
import { enableCompileCache } from 'node:module';
import type { Answered, Asked } from './command-host.ts';

enableCompileCache();
const { runCommand } = await import('../../src/cli/program.ts');

let last: Promise<void> = Promise.resolve();

process.on('message', (asked: Asked) => {
  last = last.then(() => carryOut(asked));
});
process.on('disconnect', () => process.exit());

async function carryOut({ id, folder, args }: Asked): Promise<void> {
  process.chdir(folder);
  process.exitCode = undefined;
  const stdout = collect(process.stdout);
  const stderr = collect(process.stderr);
  await runCommand(args);
  const answered: Answered = {
    id,
    status: Number(process.exitCode ?? 0),
    stdout: stdout.end(),
    stderr: stderr.end(),
  };
  process.send?.(answered);
}

/** Takes what is written to the stream, until its end is asked for. */
function collect(stream: NodeJS.WriteStream): { end(): string } {
  const write = stream.write.bind(stream);
  let printed = '';
  stream.write = (chunk: string | Uint8Array, ...rest: readonly unknown[]): boolean => {
    printed += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    const done = rest.find((argument) => typeof argument === 'function');
    if (done !== undefined) process.nextTick(done as () => void);
    return true;
  };
  const end = (): string => {
    stream.write = write;
    return printed;
  };
  return { end };
}
