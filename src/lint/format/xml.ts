/** Text between tags. What XML 1.0 cannot hold at all becomes the character that stands for such. */
export function xmlText(text: string): string {
  return escapeUnless(text, /[\n -%'-;=?-~]/);
}

/** As the value of an attribute; hadolint leaves as little as this unescaped. */
export function xmlAttribute(text: string): string {
  return escapeUnless(text, /[A-Za-z0-9 ./]/);
}

function escapeUnless(text: string, plain: RegExp): string {
  let escaped = '';
  for (const letter of text) escaped += plain.test(letter) ? letter : `&#${allowed(letter.codePointAt(0)!)};`;
  return escaped;
}

const REPLACEMENT = 0xfffd;

function allowed(point: number): number {
  const isControl = point < 0x20 && point !== 0x09 && point !== 0x0a && point !== 0x0d;
  const isSurrogate = point >= 0xd800 && point <= 0xdfff;
  return isControl || isSurrogate || point === 0xfffe || point === 0xffff ? REPLACEMENT : point;
}
