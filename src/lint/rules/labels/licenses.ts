/** SPDX license expressions (SPDX 3, annex B). The names are from the list of spdx.org: spdx.json, several names per line. */
import list from './spdx.json' with { type: 'json' };

const LICENSES = readNames(list.licenses);
const EXCEPTIONS = readNames(list.exceptions);

/** Names are stored in lower case, because SPDX compares them without case. */
function readNames(lines: readonly string[]): ReadonlySet<string> {
  return new Set(lines.flatMap((line) => line.toLowerCase().split(' ')));
}

/** True for an expression: `MIT`, `GPL-2.0-or-later WITH Classpath-exception-2.0`, `(MIT OR Apache-2.0) AND LicenseRef-ours`. */
export function isLicense(text: string): boolean {
  const tokens = text.toLowerCase().match(/[()]|[^\s()]+/g) ?? [];
  let depth = 0;
  let wanted: 'license' | 'operator' | 'exception' = 'license';
  for (const token of tokens) {
    if (wanted === 'license' && token === '(') depth += 1;
    else if (wanted === 'operator' && token === ')' && depth > 0) depth -= 1;
    else if (wanted === 'license' && isName(token)) wanted = 'operator';
    else if (wanted === 'exception' && EXCEPTIONS.has(token)) wanted = 'operator';
    else if (wanted === 'operator' && token === 'with') wanted = 'exception';
    else if (wanted === 'operator' && (token === 'and' || token === 'or')) wanted = 'license';
    else return false;
  }
  return wanted === 'operator' && depth === 0;
}

/** `+` after a name means this version or any later one. */
function isName(token: string): boolean {
  if (LICENSES.has(token) || LICENSES.has(token.replace(/\+$/, ''))) return true;
  return /^(?:documentref-[a-z0-9.-]+:)?licenseref-[a-z0-9.-]+$/.test(token);
}
