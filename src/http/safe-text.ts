/** Cleans texts of servers and URLs for messages: short, on one line, without secrets. */

const MOST = 300;

/** A URL without user, password, query (signed URLs have secrets there) and fragment. */
export function redactUrl(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}${url.search === '' ? '' : '?…'}`;
}

/** One line of at most 300 printable characters. Parts of URLs that may be secret are removed. */
export function cleanText(text: string): string {
  const line = text.replace(/[\p{C}\s]+/gu, ' ').trim();
  const safe = line.replace(
    /\b(https?:\/\/)(?:[^\s/?#]*@)?([^\s?#"'`]*)([?#][^\s"'`]*)?/gi,
    (...[, scheme, rest, query]) => (query === undefined ? `${scheme}${rest}` : `${scheme}${rest}?…`),
  );
  const short = safe.replace(/\b(bearer|basic)\s+\S+/gi, '$1 …');
  return short.length > MOST ? `${short.slice(0, MOST)}…` : short;
}
