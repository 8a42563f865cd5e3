import { MkimageError } from '../../errors.ts';
import { formatPrintf } from './printf.ts';
import { isTrue, showValue } from './values.ts';

type Values = readonly unknown[];

/** The functions of text/template and those that Docker adds, by name. `and` and `or` get all their arguments evaluated, which no value notices. */
export const FUNCTIONS: Readonly<Record<string, (args: Values) => unknown>> = {
  json: ([value]) => JSON.stringify(value ?? null),
  upper: ([text]) => String(text).toUpperCase(),
  lower: ([text]) => String(text).toLowerCase(),
  title: ([text]) => String(text).replace(/\b[a-z]/g, (letter) => letter.toUpperCase()),
  join: ([list, separator]) => ((list ?? []) as readonly string[]).join(String(separator ?? '')),
  split: ([text, separator]) => String(text).split(String(separator)),
  pad: ([text, before, after]) =>
    text === '' ? '' : `${' '.repeat(Number(before))}${showValue(text)}${' '.repeat(Number(after))}`,
  truncate: ([text, length]) => String(text).slice(0, Number(length)),
  print: (values) => values.map(showValue).join(''),
  println: (values) => `${values.map(showValue).join(' ')}\n`,
  printf: ([format, ...values]) => formatPrintf(String(format), values),
  len: ([value]) => lengthOf(value),
  index: ([value, ...keys]) => keys.reduce(elementOf, value),
  slice: ([value, from = 0, to]) =>
    (value as string | Values).slice(Number(from), to === undefined ? undefined : Number(to)),
  not: ([value]) => !isTrue(value),
  and: (values) => values.find((value) => !isTrue(value)) ?? values.at(-1),
  or: (values) => values.find(isTrue) ?? values.at(-1),
  eq: ([value, ...others]) => others.some((other) => other === value),
  ne: ([left, right]) => left !== right,
  lt: ([left, right]) => (left as number) < (right as number),
  le: ([left, right]) => (left as number) <= (right as number),
  gt: ([left, right]) => (left as number) > (right as number),
  ge: ([left, right]) => (left as number) >= (right as number),
};

function lengthOf(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  return Array.isArray(value) ? value.length : Object.keys(Object(value)).length;
}

/** A map gives nothing for an unknown key, as Go's map of strings does; a list has an end. */
function elementOf(value: unknown, key: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  if (!Array.isArray(value)) return Object.hasOwn(Object(value), String(key)) ? Object(value)[String(key)] : '';
  if (typeof key === 'number' && key >= 0 && key < value.length) return value[key];
  throw new MkimageError('usage', `template: error calling index: index out of range: ${showValue(key)}`);
}
