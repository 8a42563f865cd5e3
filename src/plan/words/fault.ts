import type { Diagnostic, Range } from '../../instructions/index.ts';

/** An error in the build file. It is thrown, and becomes a diagnostic at the level of the instruction. */
export class Fault extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly range: Range | undefined;

  /** Without `range`, the range of the instruction is used. */
  constructor(
    code: string,
    message: string,
    more: { readonly hint?: string | undefined; readonly range?: Range } = {},
  ) {
    super(message);
    this.name = 'Fault';
    this.code = code;
    this.hint = more.hint;
    this.range = more.range;
  }
}

/** The fault as a diagnostic. `range` is used if the fault has none. */
export function toDiagnostic(fault: Fault, range: Range): Diagnostic {
  const hint = fault.hint === undefined ? {} : { hint: fault.hint };
  return { severity: 'error', code: fault.code, message: fault.message, ...hint, range: fault.range ?? range };
}

/** Runs `work`. A fault is added to `diagnostics` and the result is undefined. Other errors are thrown. */
export function collectFault<T>(diagnostics: Diagnostic[], range: Range, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    diagnostics.push(toDiagnostic(error, range));
    return undefined;
  }
}
