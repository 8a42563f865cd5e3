/** Escapes text between tags. Characters that XML 1.0 forbids become U+FFFD, the replacement character. */
export function escapeXmlText(text: string): string {
  return escapeUnless(text, /[\n -%'-;=?-~]/);
}

/** Escapes the value of an attribute. Like hadolint, it escapes everything but letters, digits, space, `.` and `/`. */
export function escapeXmlAttribute(text: string): string {
  return escapeUnless(text, /[A-Za-z0-9 ./]/);
}

function escapeUnless(text: string, plain: RegExp): string {
  let escaped = '';
  for (const letter of text) escaped += plain.test(letter) ? letter : `&#${replaceForbidden(letter.codePointAt(0)!)};`;
  return escaped;
}

const REPLACEMENT = 0xfffd;

function replaceForbidden(point: number): number {
  const isControl = point < 0x20 && point !== 0x09 && point !== 0x0a && point !== 0x0d;
  const isSurrogate = point >= 0xd800 && point <= 0xdfff;
  return isControl || isSurrogate || point === 0xfffe || point === 0xffff ? REPLACEMENT : point;
}
