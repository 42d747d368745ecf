/**
 * Walks over the syntax of a file that several rules need: which global names it uses,
 * and which functions it defines.
 */
import { Visitor } from 'oxc-parser';
import { lineAt, type SourceFile, syntaxOf } from './source-files.ts';

export interface NameUse {
  /** `Date`, or `Date.now` where a member of it is named. */
  readonly name: string;
  readonly line: number;
}

/** Every use of a plain name, and of `name.member`; property names of other things are not uses. */
export function namesUsed(file: SourceFile): readonly NameUse[] {
  const uses: NameUse[] = [];
  const notUses = new Set<number>();
  const skip = (node: { readonly key: { readonly start: number }; readonly computed?: boolean }): void => {
    if (node.computed !== true) notUses.add(node.key.start);
  };
  new Visitor({
    MemberExpression: (node) => {
      if (node.computed) return;
      notUses.add(node.property.start);
      if (node.object.type !== 'Identifier') return;
      uses.push({ name: `${node.object.name}.${node.property.name}`, line: lineAt(file, node.start) });
    },
    Property: (node) => {
      if (!node.shorthand) skip(node);
    },
    MethodDefinition: skip,
    PropertyDefinition: skip,
    TSPropertySignature: skip,
    TSMethodSignature: skip,
    Identifier: (node) => {
      if (!notUses.has(node.start)) uses.push({ name: node.name, line: lineAt(file, node.start) });
    },
  }).visit(syntaxOf(file).program);
  return uses;
}

export interface FunctionShape {
  readonly line: number;
  readonly lines: number;
  readonly parameters: number;
  readonly isAsync: boolean;
  /** In tests: it only lists tests, as the callback of a `describe` does. */
  readonly isChapter: boolean;
}

const LISTS_TESTS = /\b(test|it|describe)(\.\w+)*\(/;

interface FunctionNode {
  readonly start: number;
  readonly end: number;
  readonly async: boolean;
  readonly params: readonly object[];
}

export function functionsIn(file: SourceFile): readonly FunctionShape[] {
  const shapes: FunctionShape[] = [];
  const add = (node: FunctionNode): void => {
    const line = lineAt(file, node.start);
    shapes.push({
      line,
      lines: lineAt(file, node.end) - line + 1,
      parameters: node.params.filter((param) => !('name' in param && param.name === 'this')).length,
      isAsync: node.async,
      isChapter: file.path.startsWith('test/') && LISTS_TESTS.test(file.text.slice(node.start, node.end)),
    });
  };
  new Visitor({
    FunctionDeclaration: add,
    FunctionExpression: add,
    ArrowFunctionExpression: add,
  }).visit(syntaxOf(file).program);
  return shapes;
}
