import { MkimageError } from '../../errors.ts';
import { FUNCTIONS } from './functions.ts';
import type { Operand, Pipeline, TemplateNode } from './parser.ts';
import { createTemplateError } from './template-error.ts';
import { isTrue, showValue } from './values.ts';

/** What `.` is, and the variables: a block sees those around it. */
interface Scope {
  readonly dot: unknown;
  readonly variables: Map<string, { value: unknown }>;
}

/** Evaluates a template for a value. Throws `usage` if it names what is not there. */
export function evaluateTemplate(nodes: readonly TemplateNode[], data: unknown): string {
  return evaluateNodes(nodes, { dot: data, variables: new Map([['', { value: data }]]) });
}

function evaluateNodes(nodes: readonly TemplateNode[], scope: Scope): string {
  return nodes.map((node) => evaluateNode(node, scope)).join('');
}

function evaluateNode(node: TemplateNode, scope: Scope): string {
  if (node.kind === 'text') return node.text;
  if (node.kind === 'output') {
    const value = evaluatePipeline(node.pipeline, scope);
    return node.pipeline.variables.length > 0 ? '' : showValue(value);
  }
  const inner = openScope(scope, scope.dot);
  if (node.kind === 'range') return evaluateRange(node, inner);
  const value = evaluatePipeline(node.pipeline, inner);
  if (!isTrue(value)) return evaluateNodes(node.otherwise, inner);
  return evaluateNodes(node.body, node.kind === 'with' ? { ...inner, dot: value } : inner);
}

function evaluateRange(node: Extract<TemplateNode, { body: unknown }>, scope: Scope): string {
  const { variables, commands } = node.pipeline;
  const list = evaluatePipeline({ variables: [], isNew: false, commands }, scope);
  if (!isTrue(list)) return evaluateNodes(node.otherwise, scope);
  return elementsOf(list)
    .map(([key, value]) => {
      const inner = openScope(scope, value);
      const given = variables.length === 2 ? [key, value] : [value];
      for (const [index, name] of variables.entries()) inner.variables.set(name, { value: given[index] });
      return evaluateNodes(node.body, inner);
    })
    .join('');
}

/** Maps in the order of their keys, as Go. */
function elementsOf(list: unknown): readonly (readonly [unknown, unknown])[] {
  if (Array.isArray(list)) return [...list.entries()];
  if (typeof list === 'object' && list !== null) return Object.entries(list).sort(([a], [b]) => (a < b ? -1 : 1));
  throw new MkimageError('usage', `template: range can't iterate over ${showValue(list)}`);
}

function openScope(scope: Scope, dot: unknown): Scope {
  return { dot, variables: new Map(scope.variables) };
}

function evaluatePipeline({ variables, isNew, commands }: Pipeline, scope: Scope): unknown {
  let piped: readonly unknown[] = [];
  for (const command of commands) piped = [evaluateCommand(command, scope, piped)];
  const [name] = variables;
  if (name !== undefined) {
    if (isNew) scope.variables.set(name, { value: piped[0] });
    else findVariable(name, scope).value = piped[0];
  }
  return piped[0];
}

function evaluateCommand([head, ...rest]: readonly Operand[], scope: Scope, piped: readonly unknown[]): unknown {
  if (head === undefined) throw createTemplateError('missing value for command');
  if (head.base.kind !== 'function') {
    if (rest.length + piped.length > 0) throw createTemplateError("can't give argument to non-function");
    return evaluateOperand(head, scope);
  }
  return callFunction(head.base.name, [...rest.map((operand) => evaluateOperand(operand, scope)), ...piped]);
}

function callFunction(name: string, args: readonly unknown[]): unknown {
  if (!Object.hasOwn(FUNCTIONS, name)) throw createTemplateError(`function "${name}" not defined`);
  return FUNCTIONS[name]!(args);
}

function evaluateOperand({ base, members }: Operand, scope: Scope): unknown {
  return members.reduce(memberOf, evaluateBase(base, scope));
}

function evaluateBase(base: Operand['base'], scope: Scope): unknown {
  if (base.kind === 'dot') return scope.dot;
  if (base.kind === 'value') return base.value;
  if (base.kind === 'variable') return findVariable(base.name, scope).value;
  return base.kind === 'function' ? callFunction(base.name, []) : evaluatePipeline(base.pipeline, scope);
}

function findVariable(name: string, { variables }: Scope): { value: unknown } {
  const found = variables.get(name);
  if (found === undefined) throw createTemplateError(`undefined variable "$${name}"`);
  return found;
}

/** Docker's own members begin with a capital: a wrong one is a mistake. Any other name may be the key of a map (a label). */
function memberOf(value: unknown, name: string): unknown {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'object' && Object.hasOwn(value, name)) return (value as Record<string, unknown>)[name];
  if (typeof value === 'object' && !/^[A-Z]/.test(name)) return undefined;
  throw new MkimageError('usage', `template: can't evaluate field ${name}`, {
    hint: 'print all fields with `--format json`',
  });
}
