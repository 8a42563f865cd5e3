import type { Diagnostic, Range } from '../../instructions/index.ts';

/** A fault in what the author wrote, on its way up to the instruction's boundary, where it becomes a diagnostic. */
export class Fault extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly range: Range | undefined;

  /** `range` undefined: that of the instruction. */
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

/** The fault as a diagnostic; `range` is used if it has none of its own. */
export function faultDiagnostic(fault: Fault, range: Range): Diagnostic {
  const hint = fault.hint === undefined ? {} : { hint: fault.hint };
  return { severity: 'error', code: fault.code, message: fault.message, ...hint, range: fault.range ?? range };
}

/** Collects faults: runs `work`, and turns a fault into a diagnostic and undefined. Other errors pass. */
export function collectFault<T>(diagnostics: Diagnostic[], range: Range, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    diagnostics.push(faultDiagnostic(error, range));
    return undefined;
  }
}
