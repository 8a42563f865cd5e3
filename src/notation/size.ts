const UNITS: Readonly<Record<string, number>> = { k: 1, m: 2, g: 3, t: 4, p: 5 };

/** Parses `64m`, `1.5GiB` or `1000` to bytes, like `RAMInBytes` of go-units: binary units, case-insensitive. Returns undefined for other text. */
export function parseSize(text: string): number | undefined {
  const [, number = '', unit] = /^(\d+(?:\.\d*)?|\.\d+) ?(?:([kmgtp])(?:b|ib)?|b)?$/i.exec(text) ?? [];
  if (number === '') return undefined;
  const factor = unit === undefined ? 1 : 1024 ** UNITS[unit.toLowerCase()]!;
  return Math.trunc(Number(number) * factor);
}
