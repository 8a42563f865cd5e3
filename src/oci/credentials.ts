/** A URL for messages: without user, password and query, in which signed URLs have secrets. */
export function describeUrl(url: string): string {
  return removeCredentials(url).replace(/\?[^#]*/s, '?…');
}

/** Removes user and password from a URL before it is shown or stored: messages, names of steps, an image's history. */
export function removeCredentials(url: string): string {
  return url.replace(/^(?<scheme>[a-z0-9+.-]+:\/\/)[^/?#]*@/i, '$<scheme>');
}
