/** Nanoseconds per unit of Go's `time.ParseDuration`. */
const UNITS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};
const TERM = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/gy;

/** Reads `1h30m`, `1.5s`, `0` as nanoseconds; undefined for anything else. Go's 64 bits (292 years) are the limit. */
export function parseDuration(text: string): number | undefined {
  const unsigned = text.replace(/^[+-]/, '');
  if (unsigned === '0') return 0;
  if (unsigned === '') return undefined;
  let total = 0;
  let end = 0;
  for (const match of unsigned.matchAll(TERM)) {
    total += Number(match[1]) * UNITS[match[2]!]!;
    end = match.index + match[0].length;
  }
  if (end !== unsigned.length || total >= 2 ** 63) return undefined;
  const rounded = Math.trunc(total);
  return text.startsWith('-') ? -rounded : rounded;
}
