import { showValue } from './values.ts';

const VERB = /%([-+# ]?)(0?)([1-9]\d{0,3})?(?:\.(\d{1,2}))?([a-zA-Z%])/g;

/** Formats values as Go's `Printf` does, with the verbs `%s %v %d %q %t %x %f`, width and precision. */
export function formatPrintf(format: string, values: readonly unknown[]): string {
  let used = 0;
  return format.replace(VERB, (...found) => {
    const [, flag, zero, width = '0', precision, verb] = found as string[];
    if (verb === '%') return '%';
    if (used >= values.length) return `%!${verb}(MISSING)`;
    const text = formatValue(verb!, values[used++], precision);
    if (flag === '-') return text.padEnd(Number(width));
    return text.padStart(Number(width), zero === '0' && verb !== 's' ? '0' : ' ');
  });
}

function formatValue(verb: string, value: unknown, precision: string | undefined): string {
  if (verb === 'q') return JSON.stringify(showValue(value));
  if (verb === 'x') {
    return typeof value === 'number' ? value.toString(16) : Buffer.from(showValue(value)).toString('hex');
  }
  if (verb === 'f') return Number(value).toFixed(Number(precision ?? 6));
  const text = showValue(value);
  return precision === undefined ? text : text.slice(0, Number(precision));
}
