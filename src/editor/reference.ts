/** Short descriptions of the language: instructions, flags, options, checks. Stored as data (reference.json), so that pages can use it too. */
import data from './reference.json' with { type: 'json' };

type Texts = Readonly<Record<string, string>>;

export interface InstructionReference {
  readonly form: string;
  readonly text: string;
  readonly flags: Texts;
}

interface Reference {
  /** By keyword in upper case. */
  readonly instructions: Readonly<Record<string, InstructionReference>>;
  readonly mountOptions: Texts;
  readonly mountTypes: Readonly<Record<string, { readonly text: string; readonly options: readonly string[] }>>;
  readonly directives: Texts;
  readonly automaticArgs: Texts;
  readonly checks: Texts;
  /** Values of flags with a fixed set of values. */
  readonly flagValues: Readonly<Record<string, readonly string[]>>;
  readonly sharing: readonly string[];
  readonly signals: readonly string[];
}

export const REFERENCE: Reference = data;

/** The entry of a name from user input. Ignores inherited members such as `constructor`. */
export function findEntry<T>(entries: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(entries, name) ? entries[name] : undefined;
}
