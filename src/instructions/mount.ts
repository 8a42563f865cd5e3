/** Reads comma-separated values of flags such as `--mount`, and checks mounts before variables are expanded. */
import { findSourceSpan, joinParts, type MappedText, slicePart } from '#grammar';
import type { FlagOption, MountFlag } from './instruction.ts';
import { createOptionalMember, findTextRange, type Reading, readWord, reportError } from './reading.ts';
import { createSuggestionFix, createSuggestionHint } from './text/suggest.ts';

const SWITCHES = ['readonly', 'ro', 'readwrite', 'rw', 'required'];
const KEYS = [
  'type',
  'from',
  'source',
  'src',
  'target',
  'dst',
  'destination',
  'id',
  'sharing',
  'size',
  'mode',
  'uid',
  'gid',
  'env',
];
const VALUES: Readonly<Record<string, readonly string[]>> = {
  type: ['bind', 'cache', 'tmpfs', 'secret', 'ssh'],
  sharing: ['shared', 'private', 'locked'],
};

/** Returns undefined if the value is not a list of options. Reports faults of single options. */
export function readMountFlag(reading: Reading, text: MappedText): MountFlag | undefined {
  const options = readOptions(reading, text);
  for (const option of options ?? []) checkOption(reading, option);
  return options && { options, range: findTextRange(reading, text) };
}

/** Splits `key=value,"key=va,lue",key`. */
export function readOptions(reading: Reading, text: MappedText): readonly FlagOption[] | undefined {
  const fields = splitAtCommas(text);
  if (fields === undefined) {
    const message = text.text === '' ? 'empty list of options' : `misplaced quote in \`${text.text}\``;
    reportError(reading, { code: 'invalid-option-list', message }, findTextRange(reading, text));
    return undefined;
  }
  return fields.map((field) => {
    const equals = field.text.indexOf('=');
    const key = (equals < 0 ? field.text : field.text.slice(0, equals)).toLowerCase();
    const value = equals < 0 ? undefined : readWord(reading, slicePart(field, equals + 1, field.text.length));
    return { key, ...createOptionalMember('value', value), range: reading.rangeOf(findSourceSpan(field)) };
  });
}

function checkOption(reading: Reading, { key, value, range }: FlagOption): void {
  const reportFault = (code: string, message: string, hint = {}) =>
    reportError(reading, { code, message, ...hint }, range);
  const known = [...KEYS, ...SWITCHES];
  if (!known.includes(key)) {
    reportFault('unknown-mount-option', `unknown mount option \`${key}\``, createSuggestionHint(key, known));
    return;
  }
  if (value === undefined) {
    if (!SWITCHES.includes(key)) reportFault('missing-option-value', `mount option \`${key}\` needs a value`);
    return;
  }
  const dollar = value.raw.indexOf('$');
  if (key === 'from' && dollar >= 0 && dollar !== value.raw.length - 1) {
    reportFault('from-variable', 'mount option `from` does not support variables', {
      hint: 'define a stage with that `FROM` and use its name',
    });
  }
  const allowed = VALUES[key];
  const literal = value.parts.every(({ kind }) => kind === 'text')
    ? value.parts.map((part) => ('text' in part ? part.text : '')).join('')
    : undefined;
  if (allowed === undefined || literal === undefined || allowed.includes(literal.toLowerCase())) return;
  reportFault(`invalid-mount-${key}`, `unknown mount ${key} \`${literal}\``, {
    hint: `use one of ${allowed.join(', ')}`,
    ...(value.raw === literal
      ? createSuggestionFix(value.range, literal, allowed)
      : createSuggestionHint(literal, allowed)),
  });
}

/** Splits one line of CSV. Returns undefined if a quote is misplaced. */
function splitAtCommas(text: MappedText): readonly MappedText[] | undefined {
  if (text.text === '') return undefined;
  const fields: MappedText[] = [];
  for (let at = 0; ; ) {
    const field = text.text[at] === '"' ? readQuotedField(text.text, at) : readUnquotedField(text.text, at);
    if (field === undefined) return undefined;
    fields.push(joinParts(text, field.parts));
    if (field.end >= text.text.length) return fields;
    at = field.end + 1;
  }
}

interface Field {
  readonly parts: readonly { readonly from: number; readonly to: number }[];
  readonly end: number;
}

function readUnquotedField(text: string, from: number): Field | undefined {
  const comma = text.indexOf(',', from);
  const end = comma < 0 ? text.length : comma;
  return text.slice(from, end).includes('"') ? undefined : { parts: [{ from, to: end }], end };
}

/** Two quotes in a quoted field mean one quote. */
function readQuotedField(text: string, start: number): Field | undefined {
  const parts: { from: number; to: number }[] = [];
  for (let from = start + 1; ; ) {
    const quote = text.indexOf('"', from);
    if (quote < 0) return undefined;
    const isDoubled = text[quote + 1] === '"';
    parts.push({ from, to: isDoubled ? quote + 1 : quote });
    if (!isDoubled) return quote + 1 === text.length || text[quote + 1] === ',' ? { parts, end: quote + 1 } : undefined;
    from = quote + 2;
  }
}
