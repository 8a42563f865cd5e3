/** Validators for label values. Each takes linear time, because values are untrusted. */

/** Semantic version, as https://semver.org defines it. */
export function isSemver(text: string): boolean {
  const [rest = '', build] = cut(text, '+');
  const [core = '', prerelease] = cut(rest, '-');
  const numbers = core.split('.');
  if (numbers.length !== 3 || !numbers.every(isNumber)) return false;
  return areIdentifiers(prerelease, true) && areIdentifiers(build, false);
}

/** `isStrict`: numeric identifiers must not have leading zeros, as in a prerelease. */
function areIdentifiers(text: string | undefined, isStrict: boolean): boolean {
  if (text === undefined) return true;
  return text.split('.').every((part) => {
    if (!/^[0-9A-Za-z-]+$/.test(part)) return false;
    return !isStrict || !/^\d+$/.test(part) || isNumber(part);
  });
}

function isNumber(text: string): boolean {
  return /^(?:0|[1-9]\d*)$/.test(text);
}

function cut(text: string, letter: string): [string, string | undefined] {
  const at = text.indexOf(letter);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

const TIME = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[Zz]|[+-](\d\d):(\d\d))$/;

/** Date and time of RFC 3339, section 5.6. Second 60 is valid: it is a leap second. */
export function isTime(text: string): boolean {
  const found = TIME.exec(text);
  if (!found) return false;
  const [year, month, day, hour, minute, second, aheadHours, aheadMinutes] = found
    .slice(1)
    .map((part) => Number(part ?? 0)) as [number, number, number, number, number, number, number, number];
  if (month < 1 || month > 12 || day < 1 || day > new Date(Date.UTC(year, month, 0)).getUTCDate()) return false;
  return hour < 24 && minute < 60 && second <= 60 && aheadHours < 24 && aheadMinutes < 60;
}

/** Absolute URL of RFC 3986: a scheme is required. */
export function isUrl(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]+$/.test(text) && URL.canParse(text);
}

/** Git commit hash: 7 digits (short) or 40 digits (full). */
export function isGitHash(text: string): boolean {
  return /^(?:[0-9a-f]{7}|[0-9a-f]{40})$/.test(text);
}

/** E-mail address of RFC 5322, section 3.4.1: dot-separated atoms or a quoted string, `@`, and a host name or `[address]`. */
export function isEmail(text: string): boolean {
  const at = text.lastIndexOf('@');
  const [local, host] = [text.slice(0, at), text.slice(at + 1)];
  if (at < 1 || text.length > 254) return false;
  const isQuoted = /^"(?:[^"\\]|\\.)*"$/.test(local);
  const isLocal = isQuoted || local.split('.').every((atom) => /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+$/.test(atom));
  const isHost = host.split('.').every((label) => /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/.test(label));
  return isLocal && (isHost || /^\[[^[\]\\]+\]$/.test(host));
}
