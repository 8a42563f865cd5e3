const UNITS: Readonly<Record<string, number>> = { k: 1, m: 2, g: 3, t: 4, p: 5 };

/** Bytes of `64m`, `1.5GiB`, `1000`, as go-units reads them (`RAMInBytes`): binary units, in any case. undefined if it is no size. */
export function parseSize(text: string): number | undefined {
  const [, number = '', unit] = /^(\d+(?:\.\d*)?|\.\d+) ?(?:([kmgtp])(?:b|ib)?|b)?$/i.exec(text) ?? [];
  if (number === '') return undefined;
  const factor = unit === undefined ? 1 : 1024 ** UNITS[unit.toLowerCase()]!;
  return Math.trunc(Number(number) * factor);
}
