/** What servers and URLs say, fit for messages: bounded, on one line, without secrets. */

const MOST = 300;

/** Without user, password, query (signed URLs carry secrets there) and fragment. */
export function redactUrl(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}${url.search === '' ? '' : '?…'}`;
}

/** One line of at most 300 printable characters; URLs inside lose what may be secret. */
export function cleanText(text: string): string {
  const line = text.replace(/[\p{C}\s]+/gu, ' ').trim();
  const safe = line.replace(
    /\b(https?:\/\/)(?:[^\s/@]*@)?([^\s?#"'`]*)([?#][^\s"'`]*)?/gi,
    (_all, scheme, rest, query) => (query === undefined ? `${scheme}${rest}` : `${scheme}${rest}?…`),
  );
  const short = safe.replace(/\b(bearer|basic)\s+\S+/gi, '$1 …');
  return short.length > MOST ? `${short.slice(0, MOST)}…` : short;
}
