/**
 * Puts something around every call of a port whose methods all answer with promises, and of the
 * ports that are parts of it. Hints go past it: who gives them waits for nobody.
 */
import { Hints } from '../src/ports/hints.ts';

export interface PortCall {
  readonly method: string;
  readonly given: readonly unknown[];
  perform(): Promise<unknown>;
}

export function aroundCalls<Port extends object>(
  port: Port,
  around: (call: PortCall) => Promise<unknown>,
): Port {
  return new Proxy(port, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name);
      if (member instanceof Hints) return member;
      if (typeof member === 'object' && member !== null) return aroundCalls(member, around);
      if (typeof member !== 'function' || typeof name !== 'string') return member;
      return (...given: readonly unknown[]) =>
        around({ method: name, given, perform: () => Reflect.apply(member, target, given) });
    },
  });
}
